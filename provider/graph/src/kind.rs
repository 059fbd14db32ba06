//! What a kind is: the knowledge of one AWS resource type, as pure functions that return calls.

mod erased;
pub use erased::{KindDef, MalformedProperties};

mod registry;
pub use registry::Kinds;

mod seen;
pub use seen::{Attributes, Blocker, Claim, Live, Seen, Tags};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Call, Disruption, Forecast, Identity};

/// What CloudFormation does with a resource that is taken out of a stack: its attribute `DeletionPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DeletionPolicy {
    /// It is deleted.
    Delete,
    /// It stays.
    Retain,
    /// A snapshot of it is taken, then it is deleted.
    Snapshot,
}

/// How CloudFormation has the tags of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagForm {
    /// A list of `{Key, Value}` in the property of this name.
    List(&'static str),
    /// An object in the property of this name.
    Map(&'static str),
}

/// In which order a replacement happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Replacement {
    /// The new one is created, dependents move over, then the old one is deleted.
    CreateFirst,
    /// Both can't exist at once (same natural key, same address space): the old one is deleted first.
    DeleteFirst,
}

/// The knowledge of one AWS resource type. The implementing type is the struct of its properties, named and shaped as in
/// CloudFormation (`PascalCase`, `deny_unknown_fields`), with `Tags` as [`Tags`]. The same struct is what is asked for and
/// what is observed.
///
/// # Flow
/// The engine calls [`find`](Kind::find) (calls of all parts are merged and sent together), then
/// [`details`](Kind::details) for what the first replies do not show, then [`read`](Kind::read) with all replies in order.
/// When nothing is there it sends [`create`](Kind::create), takes the id from [`created`](Kind::created) and observes again
/// until the part is live; then [`update`](Kind::update) and [`retag`](Kind::retag) until nothing differs.
///
/// # Guarantees
/// A kind does no I/O, has no clock, no retry and no state. References are resolved before it sees the properties, except
/// in `find` for a part that has none yet to be found by: then the engine does not ask.
///
/// # Assumptions
/// A reply is `Null` where AWS answered that the thing does not exist.
pub trait Kind: Serialize + DeserializeOwned + Default + Send + Sync + 'static {
    /// CloudFormation type name, `AWS::EC2::Subnet`; `Custom::…` where CloudFormation has no type.
    const TYPE: &'static str;
    /// Properties whose change needs a new resource: CloudFormation's create-only properties.
    const CREATE_ONLY: &'static [&'static str] = &[];
    /// Array properties without an order.
    const UNORDERED: &'static [&'static str] = &[];
    /// Properties that reference something only one part can use at a time (the address of a NAT gateway).
    const EXCLUSIVE: &'static [&'static str] = &[];
    /// Create-only properties that no two resources of the type have in common: AWS refuses the second, and finds the one by them
    /// whoever it was made for.
    const KEY: &'static [&'static str] = &[];
    /// Properties that refer to parts which are changed in place only when this one is gone, where a plan does both: a read replica goes
    /// before the instance that it replicates is upgraded.
    const GONE_BEFORE: &'static [&'static str] = &[];
    /// Attributes that `read` yields for a live part, besides its id.
    const ATTRIBUTES: &'static [&'static str] = &[];
    /// Attributes that an update in place changes (the latest version of a launch template): what refers to them changes too.
    const VOLATILE: &'static [&'static str] = &[];
    /// Attributes that stay what they are as long as the resource exists.
    const LASTING: &'static [&'static str] = &[];
    /// Attributes without which `details` can't be asked (the ARN by which tags are listed). Where they were not seen before,
    /// `find` is read first, and [`Kind::details_again`] is asked with the attributes that it showed.
    const DETAILS_NEED: &'static [&'static str] = &[];
    /// Whether parts of this kind hold data, so that deleting or replacing one must be named in the configuration. Where that
    /// depends on the part, [`Kind::holds_data`] says so of each.
    const STATEFUL: bool = false;
    /// The property that makes AWS refuse to delete it while it is `true`; empty where there is none. [`Kind::delete`] never takes
    /// it off: a plan refuses to delete what was last seen protected.
    const PROTECTED_BY: &'static str = "";
    /// Whether it carries tags, and so can be found by its owner.
    const TAGGED: bool = false;
    /// Whether it belongs to something that is not ours alone: it is taken over and never deleted. What comes with another resource
    /// (a default security group) has no calls in [`Kind::create`]; what belongs to the account (a service-linked role) is made where
    /// it is missing.
    const TAKEN_OVER: bool = false;
    /// Properties that CloudFormation's type does not have, besides `Tags`: it says the same otherwise, or not at all.
    const OURS: &'static [&'static str] = &[];
    /// How CloudFormation has its tags.
    const TAG_FORM: TagForm = TagForm::List("Tags");
    /// The attribute that says since when it exists, as AWS writes it; empty where AWS does not tell.
    const BORN: &'static str = "";
    /// Types whose resources hold resources of this type, those that nobody asked for among them: a route table holds routes.
    const INSIDE: &'static [&'static str] = &[];
    /// Whether it goes down with what others put into it: [`Kind::blockers`] are looked for before it is deleted, not only when
    /// AWS refuses.
    const CLEARED: bool = false;
    /// The order of a replacement.
    const REPLACEMENT: Replacement = Replacement::DeleteFirst;
    /// How long AWS usually takes to make one, in seconds.
    const EXPECTED_SECONDS: u32 = 2;
    /// After how many seconds waiting for it to be created, updated or deleted is given up.
    const DEADLINE_SECONDS: u32 = 300;

    /// Calls that show whether the part exists: by id when `me.id` is known, else by owner tag or natural key.
    fn find(&self, me: &Identity) -> Vec<Call>;

    /// Further calls that are needed to see all properties of the part with this id.
    fn details(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// The same for a part whose attributes were seen before: what they hold of [`Kind::LASTING`] need not be asked again. Calls
    /// may be left out at the end only.
    fn details_again(&self, me: &Identity, id: &str, _known: &Attributes) -> Vec<Call> {
        self.details(me, id)
    }

    /// What the replies to `find`, then to `details`, say. Called after `find` alone too, to learn the id: replies that
    /// are not there yet are missing at the end of the slice.
    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self>;

    /// The calls that create it, in order; the first one makes it exist and yields the id. Empty for what comes with another resource.
    fn create(&self, me: &Identity) -> Vec<Call>;

    /// The id out of the reply to the first call of `create`.
    fn created(&self, me: &Identity, reply: &Value) -> Option<String>;

    /// The calls that bring back the part that `find` shows as being [deleted](Seen::Deleting), for a type whose deletes can be
    /// taken back. Empty where a deletion that has begun is waited for.
    fn restore(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// The calls that bring the live part to `self`, given the names of the properties that differ (never `Tags`, never a
    /// create-only one).
    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        Vec::new()
    }

    /// Calls that ask AWS what changing these properties in place would mean, while nobody has decided on it yet: dry runs and
    /// looks. None of them changes anything, as [`Call::is_read`] says of each. `changed` is as for [`Kind::update`], without what
    /// refers to parts that are yet to be made.
    fn forecast(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `forecast` say. A reply is `Null` where AWS did not answer.
    fn foretold(&self, _live: &Live<Self>, _changed: &[&str], _replies: &[Value]) -> Forecast {
        Forecast::default()
    }

    /// The calls that set and remove tags of the live part.
    fn retag(_live: &Live<Self>, _set: &Tags, _remove: &[String]) -> Vec<Call> {
        Vec::new()
    }

    /// The calls that delete it, in order; `self` is the part as last seen.
    fn delete(&self, me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call>;

    /// As much of it as [`Kind::find`] and [`Kind::details`] need when nothing but its id is known: its name, for a kind that is
    /// found by name.
    fn known_by(_id: &str) -> Self {
        Self::default()
    }

    /// Calls that list every resource of this type that carries an owner tag, whoever the owner is. Asked again with the
    /// replies so far until there is no further call. Every kind with tags has one.
    fn census(_replies: &[Value]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `census` list. What carries no owner tag may be among it.
    fn counted(_replies: &[Value]) -> Vec<Claim> {
        Vec::new()
    }

    /// Calls that list every resource of this type inside the resource `id` of one of the types in [`Kind::INSIDE`].
    fn inside(_parent: &str, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `inside` list, without what AWS puts there itself (the local route of a route table).
    fn residents(_parent: &str, _id: &str, _replies: &[Value]) -> Vec<Live<Self>>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// Calls that show what else is inside or at the resource `id` and keeps it from being deleted. Asked again with the
    /// replies so far until there is no further call. A reply is `{}` where AWS did not answer (a missing permission, a service
    /// that is not there): nothing is known then.
    fn blockers(&self, _me: &Identity, _id: &str, _replies: &[Value]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `blockers` show. Parts of a platform may be among it.
    fn blocking(&self, _me: &Identity, _id: &str, _replies: &[Value]) -> Vec<Blocker> {
        Vec::new()
    }

    /// Whether data is lost with this part, given its properties as recorded or as AWS shows them. A kind that is
    /// [`Kind::STATEFUL`] may say no of a part whose data is all elsewhere as well: a read replica, an instance of a cluster.
    fn holds_data(&self) -> bool {
        Self::STATEFUL
    }

    /// What CloudFormation is to do with it in the end, so that a template loses no data that a composite would keep.
    fn deletion_policy(&self) -> DeletionPolicy {
        if self.holds_data() {
            DeletionPolicy::Retain
        } else {
            DeletionPolicy::Delete
        }
    }

    /// Whether the resource `other`, of this type and with this part's tags, goes with `id`: a copy that a change in progress made of it,
    /// or what it took the place of. It is no leftover of its own.
    fn carries(_id: &str, _other: &str) -> bool {
        false
    }

    /// The attributes that changing these properties in place may change, where `self` is what is asked for.
    fn unsettled(&self, _changed: &[&str]) -> &'static [&'static str] {
        Self::VOLATILE
    }

    /// Properties that refer to parts which are changed after this one, when both are changed in place, although it refers to them: a
    /// read replica is upgraded before the instance that it replicates.
    fn precedes(_recorded: &Self, _asked: &Self) -> &'static [&'static str]
    where
        Self: Sized,
    {
        &[]
    }

    /// What changing a property in place disturbs.
    fn disruption(_property: &str) -> Disruption {
        Disruption::None
    }

    /// Whether two values of a property mean the same; arrays in [`Kind::UNORDERED`] are handled before this is asked.
    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        live == desired
    }
}
