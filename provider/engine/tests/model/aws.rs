//! AWS in the model: objects that are made, shown late, changed and deleted.

/// Position among all objects ever made: the id.
pub type Id = u8;
/// Position among the parts of the graph: the address.
pub type Place = usize;

/// How AWS lets the resources of a part be recognised, and how they are replaced.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Made once for each client token.
    pub token: bool,
    /// AWS lets only one have the name: `find` asks for it.
    pub named: bool,
    /// Carries its owner's tags: `find` asks for them, unless it has a name.
    pub tagged: bool,
    pub stateful: bool,
    pub create_first: bool,
}

impl Kind {
    /// Tags and nothing else.
    pub const TAGGED: Kind = Kind {
        token: false,
        named: false,
        tagged: true,
        stateful: false,
        create_first: false,
    };
    pub const TOKENED: Kind = Kind {
        token: true,
        ..Kind::TAGGED
    };
    pub const NAMED: Kind = Kind {
        named: true,
        ..Kind::TAGGED
    };
    /// A name inside its parent and no tags.
    pub const CHILD: Kind = Kind {
        tagged: false,
        ..Kind::NAMED
    };
    pub const CREATE_FIRST: Kind = Kind {
        create_first: true,
        ..Kind::TOKENED
    };
    pub const STATEFUL: Kind = Kind {
        stateful: true,
        ..Kind::NAMED
    };
}

/// What is asked of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Changed by a replacement.
    pub fixed: u8,
    /// Changed in place.
    pub size: u8,
}

/// A client token: a hash of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    pub place: Place,
    pub wish: Wish,
    pub parent: Option<Id>,
    pub predecessor: Option<Id>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Life {
    Pending,
    Live,
    Failed,
    Deleting,
    Gone,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    pub place: Place,
    pub wish: Wish,
    pub parent: Option<Id>,
    pub token: Option<Token>,
    /// Whether it carries its owner's tags.
    pub tagged: bool,
    pub life: Life,
    /// Reads show that it was made.
    pub born_shown: bool,
    /// Reads show its size.
    pub size_shown: bool,
    /// Reads show that it is being deleted or gone; until then they show it as it was before.
    pub end_shown: bool,
    /// Its life before it was deleted.
    was: Life,
}

/// What a read says of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Absent,
    Pending,
    Deleting,
    Failed,
    Live,
}

impl Object {
    /// One that has been there for long.
    pub fn live(place: Place, wish: Wish, parent: Option<Id>, kind: Kind) -> Self {
        Object {
            place,
            wish,
            parent,
            token: None,
            tagged: kind.tagged,
            life: Life::Live,
            born_shown: true,
            size_shown: true,
            end_shown: false,
            was: Life::Live,
        }
    }

    pub fn is_there(&self) -> bool {
        self.life != Life::Gone
    }

    /// Whether its deletion was accepted.
    pub fn ends(&self) -> bool {
        matches!(self.life, Life::Deleting | Life::Gone)
    }

    /// What reads show, which may be old.
    pub fn seen(&self) -> Seen {
        match if self.ends() && !self.end_shown {
            self.was
        } else {
            self.life
        } {
            _ if !self.born_shown => Seen::Absent,
            Life::Gone => Seen::Absent,
            Life::Pending => Seen::Pending,
            Life::Failed => Seen::Failed,
            Life::Deleting => Seen::Deleting,
            Life::Live => Seen::Live,
        }
    }

    /// Whether reads show everything that has happened to it.
    pub fn is_settled(&self) -> bool {
        self.born_shown && self.size_shown && (self.end_shown || !self.ends())
    }
}

/// What AWS does on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    ShowsBirth,
    ShowsSize,
    ShowsEnd,
    BecomesLive,
    Fails,
    Vanishes,
}

/// Everything AWS has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Aws {
    pub objects: Vec<Object>,
    /// Something with data was deleted although nobody named it.
    pub data_lost: bool,
    /// Something was made on a parent that was not live.
    pub order_broken: bool,
}

/// Why AWS refuses.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Conflict,
    Dependency,
    Absent,
}

impl Aws {
    pub fn object(&self, id: Id) -> &Object {
        &self.objects[usize::from(id)]
    }

    fn object_mut(&mut self, id: Id) -> &mut Object {
        &mut self.objects[usize::from(id)]
    }

    pub fn seen(&self, id: Id) -> Seen {
        self.object(id).seen()
    }

    /// Objects by id.
    pub fn each(&self) -> impl Iterator<Item = (Id, &Object)> {
        (0..).zip(&self.objects)
    }

    /// Whether reads show everything there is: the lag is over.
    pub fn is_settled(&self) -> bool {
        self.objects.iter().all(Object::is_settled)
    }

    /// What may happen to an object next.
    pub fn courses(&self, id: Id, may_fail: bool) -> Vec<Course> {
        let object = self.object(id);
        let mut courses = Vec::new();
        let mut add = |possible: bool, course| {
            if possible {
                courses.push(course);
            }
        };
        add(!object.born_shown, Course::ShowsBirth);
        add(!object.size_shown, Course::ShowsSize);
        add(object.ends() && !object.end_shown, Course::ShowsEnd);
        add(object.life == Life::Pending, Course::BecomesLive);
        add(object.life == Life::Pending && may_fail, Course::Fails);
        add(object.life == Life::Deleting, Course::Vanishes);
        courses
    }

    pub fn go_on(&mut self, id: Id, course: Course) {
        let object = self.object_mut(id);
        match course {
            Course::ShowsBirth => object.born_shown = true,
            Course::ShowsSize => object.size_shown = true,
            Course::ShowsEnd => object.end_shown = true,
            Course::BecomesLive => object.life = Life::Live,
            Course::Fails => object.life = Life::Failed,
            Course::Vanishes => object.life = Life::Gone,
        }
    }

    pub fn create(&mut self, kind: Kind, token: Token, tagged: bool) -> Result<Id, Refusal> {
        let used = |object: &Object| object.token == Some(token);
        if let Some((id, _)) = self.each().find(|(_, object)| kind.token && used(object)) {
            return Ok(id);
        }
        let has_name = |object: &Object| {
            object.place == token.place
                && object.is_there()
                && (kind.tagged || object.parent == token.parent)
        };
        if kind.named && self.objects.iter().any(has_name) {
            return Err(Refusal::Conflict);
        }
        let is_live = |id| self.object(id).life == Life::Live;
        self.order_broken |= token.parent.is_some_and(|parent| !is_live(parent));
        self.objects.push(Object {
            place: token.place,
            wish: token.wish,
            parent: token.parent,
            token: kind.token.then_some(token),
            tagged,
            life: Life::Pending,
            born_shown: false,
            size_shown: true,
            end_shown: false,
            was: Life::Pending,
        });
        Ok((self.objects.len() - 1) as Id)
    }

    pub fn resize(&mut self, id: Id, size: u8) {
        let object = self.object_mut(id);
        object.size_shown = object.wish.size == size;
        object.wish.size = size;
    }

    pub fn tag(&mut self, id: Id) {
        self.object_mut(id).tagged = true;
    }

    pub fn delete(&mut self, id: Id, kind: Kind, named: bool) -> Result<(), Refusal> {
        let is_used = |other: &Object| other.parent == Some(id) && other.is_there();
        match self.object(id).life {
            Life::Gone | Life::Deleting => return Err(Refusal::Absent),
            _ if self.objects.iter().any(is_used) => return Err(Refusal::Dependency),
            // What never came up holds nothing.
            Life::Live => self.data_lost |= kind.stateful && !named,
            Life::Pending | Life::Failed => {}
        }
        let object = self.object_mut(id);
        object.was = std::mem::replace(&mut object.life, Life::Deleting);
        Ok(())
    }
}
