//! How a network hangs together, as a drawing in text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::Recorded;
use serde::Serialize;

use crate::CompositeView;
use crate::inventory::{Placement, target, text};

/// A drawing: boxes inside one another, nodes in them and arrows between nodes. Displays as a Mermaid flowchart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagram {
    /// Outermost boxes, one per composite.
    pub boxes: Vec<Frame>,
    /// Nodes outside of every composite.
    pub outside: Vec<Node>,
    /// Arrows, in order.
    pub arrows: Vec<Arrow>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// Identifier, made of letters, digits and `_`.
    pub id: String,
    /// What to write on it.
    pub label: String,
    /// Nodes that stand in it.
    pub nodes: Vec<Node>,
    /// Boxes that stand in it.
    pub frames: Vec<Frame>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Identifier, made of letters, digits and `_`.
    pub id: String,
    /// What to write on it; lines are apart by `\n`.
    pub label: String,
}

/// An arrow: traffic may flow this way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Arrow {
    /// Node it starts at.
    pub from: String,
    /// Node it ends at.
    pub to: String,
    /// Destination of the route, or what is sent.
    pub label: String,
}

/// Draws the networks of some composites: subnets, gateways, endpoints, where flow logs go, and the routes between them.
pub fn diagram(views: &[CompositeView]) -> Diagram {
    let mut diagram = Diagram {
        boxes: Vec::new(),
        outside: Vec::new(),
        arrows: Vec::new(),
    };
    let mut outside = BTreeMap::new();
    for (index, view) in views.iter().enumerate() {
        // Two composites may have the same name; their position tells their nodes apart.
        let scope = Scope {
            view,
            id: format!("c{}", index + 1),
        };
        diagram.boxes.push(frame(&scope));
        let mut arrows = BTreeSet::new();
        for (address, part) in &view.parts {
            arrows.extend(arrows_from(&scope, address, part, &mut outside));
        }
        diagram.arrows.extend(arrows);
    }
    diagram.outside = outside
        .into_iter()
        .map(|(id, label)| Node { id, label })
        .collect();
    diagram
}

/// A composite and the identifier that those of its nodes begin with.
struct Scope<'a> {
    view: &'a CompositeView,
    id: String,
}

impl Scope<'_> {
    fn node(&self, address: &str) -> String {
        format!("{}_{}", self.id, identifier(address))
    }
}

/// What a node of this part says; `None` for a part that the drawing leaves out.
fn label(address: &str, part: &Recorded) -> Option<String> {
    let what = match part.kind.as_str() {
        "AWS::EC2::Subnet" => {
            let range = text(part, "CidrBlock").unwrap_or("IPv6 only");
            return Some(format!("{address}\n{range}"));
        }
        "AWS::EC2::InternetGateway" => "internet gateway",
        "AWS::EC2::EgressOnlyInternetGateway" => "egress-only internet gateway",
        "AWS::EC2::NatGateway" if text(part, "AvailabilityMode") == Some("regional") => {
            "regional NAT gateway"
        }
        "AWS::EC2::NatGateway" => "NAT gateway",
        "AWS::EC2::VPCEndpoint" => {
            let service = text(part, "ServiceName")
                .and_then(|name| name.rsplit('.').next())
                .unwrap_or(address);
            return Some(format!("{service} endpoint"));
        }
        "AWS::Logs::LogGroup" => "log group",
        "AWS::EC2::FlowLog" => "flow log",
        _ => return None,
    };
    Some(format!("{what}\n{address}"))
}

fn frame(scope: &Scope<'_>) -> Frame {
    let view = scope.view;
    let mut places: BTreeMap<Placement<'_>, Vec<Node>> = BTreeMap::new();
    for (address, part) in &view.parts {
        if let Some(label) = label(address, part) {
            let id = scope.node(address);
            // A gateway that stands in a subnet is drawn beside it.
            let place = target(part, "SubnetId")
                .and_then(|subnet| view.parts.get_key_value(&subnet))
                .map_or_else(
                    || view.placement(address),
                    |(subnet, _)| view.placement(subnet),
                );
            places.entry(place).or_default().push(Node { id, label });
        }
    }
    let range = view
        .of_type("AWS::EC2::VPC")
        .find_map(|(_, vpc)| text(vpc, "CidrBlock"));
    let mut whole = Frame {
        label: match range {
            Some(range) => format!("{} {range}", view.name),
            None => view.name.clone(),
        },
        id: scope.id.clone(),
        nodes: Vec::new(),
        frames: Vec::new(),
    };
    for (place, nodes) in places {
        let Some(zone) = place.zone else {
            whole.nodes.extend(nodes);
            continue;
        };
        if whole.frames.last().is_none_or(|frame| frame.label != zone) {
            whole.frames.push(Frame {
                id: scope.node(zone),
                label: zone.to_owned(),
                nodes: Vec::new(),
                frames: Vec::new(),
            });
        }
        if let Some(frame) = whole.frames.last_mut() {
            match place.tier {
                None => frame.nodes.extend(nodes),
                Some(tier) => frame.frames.push(Frame {
                    id: scope.node(&format!("{zone}/{tier}")),
                    label: tier.to_owned(),
                    nodes,
                    frames: Vec::new(),
                }),
            }
        }
    }
    whole
}

fn arrows_from(
    scope: &Scope<'_>,
    address: &str,
    part: &Recorded,
    outside: &mut BTreeMap<String, String>,
) -> Vec<Arrow> {
    let view = scope.view;
    let arrow = |from: &str, to: &str, label: &str| Arrow {
        from: scope.node(from),
        to: scope.node(to),
        label: label.to_owned(),
    };
    match part.kind.as_str() {
        "AWS::EC2::Route" => {
            let Some(table) = target(part, "RouteTableId") else {
                return Vec::new();
            };
            let destination = [
                "DestinationCidrBlock",
                "DestinationIpv6CidrBlock",
                "DestinationPrefixListId",
            ]
            .iter()
            .find_map(|name| text(part, name))
            .unwrap_or("?");
            let next = [
                "GatewayId",
                "NatGatewayId",
                "EgressOnlyInternetGatewayId",
                "VpcEndpointId",
            ]
            .iter()
            .find_map(|name| target(part, name));
            subnets_of(view, &table)
                .into_iter()
                .map(|subnet| match &next {
                    Some(next) => arrow(subnet, next, destination),
                    None => {
                        let to = [
                            "TransitGatewayId",
                            "VpcPeeringConnectionId",
                            "NetworkInterfaceId",
                            "CoreNetworkArn",
                            "GatewayId",
                        ]
                        .iter()
                        .find_map(|name| text(part, name))
                        .unwrap_or("elsewhere");
                        outside.insert(identifier(to), to.to_owned());
                        Arrow {
                            from: scope.node(subnet),
                            to: identifier(to),
                            label: destination.to_owned(),
                        }
                    }
                })
                .collect()
        }
        "AWS::EC2::VPCEndpoint" => crate::inventory::targets(part, "RouteTableIds")
            .iter()
            .flat_map(|table| subnets_of(view, table))
            .chain(
                crate::inventory::targets(part, "SubnetIds")
                    .iter()
                    .filter_map(|subnet| {
                        view.parts
                            .get_key_value(subnet)
                            .map(|(subnet, _)| subnet.as_str())
                    }),
            )
            .map(|subnet| arrow(subnet, address, "service"))
            .collect(),
        "AWS::EC2::InternetGateway" | "AWS::EC2::EgressOnlyInternetGateway" => {
            outside.insert("internet".to_owned(), "internet".to_owned());
            vec![Arrow {
                from: scope.node(address),
                to: "internet".to_owned(),
                label: String::new(),
            }]
        }
        "AWS::EC2::NatGateway" => {
            // A regional gateway has no subnet whose route table would show its way out.
            let regional = text(part, "AvailabilityMode") == Some("regional");
            view.of_type("AWS::EC2::InternetGateway")
                .filter(|_| text(part, "ConnectivityType") != Some("private"))
                .map(|(gateway, _)| {
                    arrow(address, gateway, if regional { "every zone" } else { "" })
                })
                .collect()
        }
        "AWS::EC2::FlowLog" => ["LogGroupName", "LogDestination"]
            .iter()
            .filter_map(|name| target(part, name))
            .map(|group| arrow(address, &group, "records"))
            .collect(),
        _ => Vec::new(),
    }
}

/// Subnets whose traffic a route table directs.
fn subnets_of<'a>(view: &'a CompositeView, table: &str) -> Vec<&'a str> {
    view.of_type("AWS::EC2::SubnetRouteTableAssociation")
        .filter(|(_, association)| target(association, "RouteTableId").as_deref() == Some(table))
        .filter_map(|(_, association)| {
            let subnet = target(association, "SubnetId")?;
            view.parts
                .get_key_value(&subnet)
                .map(|(subnet, _)| subnet.as_str())
        })
        .collect()
}

/// Letters, digits and `_`: a slash becomes `_`, every other character something that no address has.
fn identifier(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(character),
            '/' => out.push('_'),
            '-' => out.push_str("__"),
            other => out.push_str(&format!("_x{:x}_", u32::from(other))),
        }
    }
    out
}

impl fmt::Display for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "flowchart TB")?;
        for node in &self.outside {
            writeln!(f, "  {}((\"{}\"))", node.id, quoted(&node.label, "<br/>"))?;
        }
        for frame in &self.boxes {
            mermaid(f, frame, 1)?;
        }
        for arrow in &self.arrows {
            if arrow.label.is_empty() {
                writeln!(f, "  {} --> {}", arrow.from, arrow.to)?;
            } else {
                let label = quoted(&arrow.label, " ");
                writeln!(f, "  {} -->|\"{label}\"| {}", arrow.from, arrow.to)?;
            }
        }
        Ok(())
    }
}

fn mermaid(f: &mut fmt::Formatter<'_>, frame: &Frame, depth: usize) -> fmt::Result {
    let indent = "  ".repeat(depth);
    writeln!(
        f,
        "{indent}subgraph {}[\"{}\"]",
        frame.id,
        quoted(&frame.label, " ")
    )?;
    for node in &frame.nodes {
        writeln!(
            f,
            "{indent}  {}[\"{}\"]",
            node.id,
            quoted(&node.label, "<br/>")
        )?;
    }
    for inner in &frame.frames {
        mermaid(f, inner, depth + 1)?;
    }
    writeln!(f, "{indent}end")
}

fn quoted(text: &str, line_break: &str) -> String {
    text.replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('\n', line_break)
}

impl Diagram {
    /// The same drawing in Graphviz's DOT language.
    pub fn dot(&self) -> String {
        let mut out = "digraph platform {\n  rankdir=TB; compound=true; node [shape=box, fontname=\"sans-serif\"];\n".to_owned();
        for node in &self.outside {
            out.push_str(&format!(
                "  {} [label={}, shape=ellipse];\n",
                node.id,
                dot_text(&node.label)
            ));
        }
        for frame in &self.boxes {
            dot_frame(&mut out, frame, 1);
        }
        for arrow in &self.arrows {
            out.push_str(&format!(
                "  {} -> {} [label={}];\n",
                arrow.from,
                arrow.to,
                dot_text(&arrow.label)
            ));
        }
        out.push_str("}\n");
        out
    }
}

fn dot_frame(out: &mut String, frame: &Frame, depth: usize) {
    let indent = "  ".repeat(depth);
    // Graphviz draws a box only around subgraphs whose name begins with "cluster".
    out.push_str(&format!(
        "{indent}subgraph cluster_{} {{\n{indent}  label={};\n",
        frame.id,
        dot_text(&frame.label)
    ));
    for node in &frame.nodes {
        out.push_str(&format!(
            "{indent}  {} [label={}];\n",
            node.id,
            dot_text(&node.label)
        ));
    }
    for inner in &frame.frames {
        dot_frame(out, inner, depth + 1);
    }
    out.push_str(&format!("{indent}}}\n"));
}

fn dot_text(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
