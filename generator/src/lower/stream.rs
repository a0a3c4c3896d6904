//! Streams: what each item of a sequential media type is (OAS 3.2, "Sequential Media Types").

use std::{collections::HashSet, rc::Rc};

use super::{
    Lowering,
    content::{Essence, Found},
    direction::Direction,
    facet::{Conjunction, Facets},
    schema::key,
};
use crate::{
    diagnostic::Code,
    document::{MediaType, Schema, Type as SchemaType},
    ir::{Check, Content, StreamContent, StreamItem, Type, Value},
    source::Place,
};

/// The members of a server-sent event (OAS 3.2, "Special Considerations for Server-Sent Events").
const EVENT_FIELDS: [&str; 4] = ["data", "event", "id", "retry"];

/// So deep unions of events are looked through.
const DEEPEST_UNION: usize = 8;

/// The schema of each item, and how it is known.
struct ItemSchema {
    schema: Rc<Schema>,
    /// Whether `itemSchema`, or the `items` of an array, says it; else it is a guess.
    is_said: bool,
}

/// What a schema says of the members of events.
#[derive(Default)]
struct Look {
    /// Whether it takes no objects.
    is_other: bool,
    names: Vec<Rc<str>>,
    required: Vec<Rc<str>>,
    data: Vec<Rc<Schema>>,
}

/// What the schema of an item of `text/event-stream` describes.
enum Described {
    /// All of an event.
    Event,
    /// An event that has nothing of its own but this data.
    EventOf(Rc<Schema>),
    /// What the data of an event holds.
    Data,
}

impl Lowering<'_> {
    /// What the items of a sequential media type are.
    pub(super) fn stream(
        &mut self,
        essence: &Essence,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Found {
        let stem = hint
            .trim_end_matches("Events")
            .trim_end_matches("Items")
            .trim_end_matches("Body");
        let item = match self.item_schema(media_type) {
            Ok(item) => item,
            Err(why) => return Found::Untyped(why.to_owned()),
        };
        let item = if essence.is_events() {
            self.event_item(item, &format!("{stem}Event"), direction)
        } else {
            self.json_item(item, &format!("{stem}Item"), direction)
        };
        Found::Content(Content::Stream(StreamContent {
            item,
            is_received: direction != Direction::Read,
        }))
    }

    /// The schema of each item; none where nothing is said of them.
    fn item_schema(&mut self, media_type: &MediaType) -> Result<Option<ItemSchema>, &'static str> {
        let whole = match &media_type.schema {
            Some(schema) => {
                let facets = self.gather(&Conjunction::of(schema));
                (!facets.says_nothing()).then_some((Rc::clone(schema), facets))
            }
            None => None,
        };
        let together =
            "what its `schema` asks of all items together is not checked while they come and go";
        let said = |schema| {
            Ok(Some(ItemSchema {
                schema,
                is_said: true,
            }))
        };
        match (&media_type.item_schema, whole) {
            (Some(item), None) => said(Rc::clone(item)),
            (None, None) => Ok(None),
            // The whole content is the array of its items.
            (item, Some((_, facets))) if facets.asks_of_arrays() || facets.says_array() => {
                match (item, only_items(&facets)) {
                    (None, Some(items)) => said(items),
                    (Some(item), Some(items)) if Rc::ptr_eq(item, &items) => said(items),
                    (None, None) if facets.is_type_only() => Ok(None),
                    (Some(item), None) if facets.is_type_only() => said(Rc::clone(item)),
                    _ => Err(together),
                }
            }
            (Some(_), Some(_)) => Err(together),
            (None, Some((schema, _))) => Ok(Some(ItemSchema {
                schema,
                is_said: false,
            })),
        }
    }

    fn json_item(
        &mut self,
        item: Option<ItemSchema>,
        hint: &str,
        direction: Direction,
    ) -> StreamItem {
        let Some(item) = item else {
            return StreamItem::Json(Value::plain(Type::Json));
        };
        if !item.is_said {
            self.implied_item(
                &item.schema.place,
                "a `schema` is about all items of the stream; this one is taken as the schema of each",
                "write `itemSchema`",
            );
        }
        StreamItem::Json(self.value_of(&item.schema, hint, direction))
    }

    fn event_item(
        &mut self,
        item: Option<ItemSchema>,
        hint: &str,
        direction: Direction,
    ) -> StreamItem {
        let Some(item) = item else {
            return StreamItem::EventText(Value::plain(Type::String));
        };
        let schema = &item.schema;
        let help = "write `itemSchema` with the object that each event is: `{type: object, properties: {data: {type: string, contentMediaType: application/json, contentSchema: ...}}}`";
        match self.described(&item) {
            Described::Event => {
                if !item.is_said {
                    self.implied_item(
                        &schema.place,
                        "a `schema` is about all events of the stream; this one is taken as the schema of each",
                        "write `itemSchema`",
                    );
                }
                let mut look = Look::default();
                self.look(schema, DEEPEST_UNION, &mut look);
                for data in &look.data {
                    let facets = self.gather(&Conjunction::of(data));
                    if !facets.says_string() && !facets.says_nothing() {
                        self.implied_data(&data.place);
                    }
                }
                StreamItem::Event(self.value_of(schema, hint, direction))
            }
            Described::EventOf(data) => {
                if !item.is_said {
                    self.implied_item(
                        &schema.place,
                        "a `schema` is about all events of the stream; this one is taken as the schema of each",
                        "write `itemSchema`",
                    );
                }
                self.event_data(&data, &format!("{hint}Data"), direction, true)
            }
            Described::Data => {
                let facets = self.gather(&Conjunction::of(schema));
                let is_raw = (facets.says_string() || facets.says_nothing()) && !item.is_said;
                if is_raw && facets.is_type_only() || facets.is_binary() {
                    // The text of all events together says nothing of each.
                    return StreamItem::EventText(Value::plain(Type::String));
                }
                let headline = if item.is_said {
                    "this schema describes no server-sent event; it is taken as that of the data of each"
                } else {
                    "a `schema` is about all events of the stream; this one is taken as that of the data of each"
                };
                self.implied_item(&schema.place, headline, help);
                self.event_data(schema, hint, direction, false)
            }
        }
    }

    /// What the data of an event is; `is_field` where the schema is that of the text itself.
    fn event_data(
        &mut self,
        schema: &Rc<Schema>,
        hint: &str,
        direction: Direction,
        is_field: bool,
    ) -> StreamItem {
        let facets = self.gather(&Conjunction::of(schema));
        if facets.says_string() || facets.says_nothing() {
            if let Some(held) = json_held(&facets) {
                return StreamItem::EventJson(match held {
                    Some(content) => self.value_of(&content, hint, direction),
                    None => Value::plain(Type::Json),
                });
            }
            if facets.says_nothing() {
                return StreamItem::EventText(Value::plain(Type::String));
            }
            let value = self.value_of(schema, hint, direction);
            if self.is_text(&value) {
                return StreamItem::EventText(value);
            }
            return StreamItem::EventJson(value);
        }
        if is_field {
            self.implied_data(&schema.place);
        }
        StreamItem::EventJson(self.value_of(schema, hint, direction))
    }

    fn described(&mut self, item: &ItemSchema) -> Described {
        let mut look = Look::default();
        self.look(&item.schema, DEEPEST_UNION, &mut look);
        let is_field = |name: &Rc<str>| EVENT_FIELDS.contains(&&**name);
        let is_event = !look.is_other
            && !look.names.is_empty()
            && look.required.iter().all(is_field)
            && if item.is_said {
                look.names.iter().all(is_field) || !look.data.is_empty()
            } else {
                look.names.iter().all(is_field) && !look.data.is_empty()
            };
        if !is_event {
            return Described::Data;
        }
        let facets = self.gather(&Conjunction::of(&item.schema));
        match self.plain_event(&facets) {
            Some(data) => Described::EventOf(data),
            None => Described::Event,
        }
    }

    /// Collects what a schema, and the branches of its unions, say of members.
    fn look(&mut self, schema: &Rc<Schema>, depth: usize, look: &mut Look) {
        let facets = self.gather(&Conjunction::of(schema));
        look.is_other |= facets.never
            || facets.values.is_some()
            || facets
                .types
                .as_ref()
                .is_some_and(|types| !types.contains(&SchemaType::Object));
        for object in &facets.objects {
            for (name, schema) in &object.schema.properties {
                look.names.push(Rc::clone(name));
                if &**name == "data" {
                    look.data.push(Rc::clone(schema));
                }
            }
        }
        let required = facets.required.iter();
        look.required
            .extend(required.map(|it| Rc::clone(&it.value)));
        let Some(depth) = depth.checked_sub(1) else {
            look.is_other |= !facets.unions.is_empty();
            return;
        };
        for branch in facets.unions.iter().flat_map(|union| &union.branches) {
            self.look(branch, depth, look);
        }
    }

    /// The schema of the data of an event of which nothing else is said than what every event is.
    fn plain_event(&mut self, facets: &Facets) -> Option<Rc<Schema>> {
        let [object] = facets.objects.as_slice() else {
            return None;
        };
        let is_plain = facets.unions.is_empty()
            && !facets.asks_of_any()
            && facets.values.is_none()
            && facets.object.is_empty()
            && facets.dependent.is_empty()
            && facets.unevaluated_properties.is_empty()
            && !object.has_patterns()
            && object
                .schema
                .additional_properties
                .as_ref()
                .is_none_or(|it| it.boolean.is_some())
            && facets.required.iter().all(|it| &*it.value == "data");
        if !is_plain {
            return None;
        }
        let mut data = None;
        for (name, schema) in &object.schema.properties {
            let facets = self.gather(&Conjunction::of(schema));
            let is_plain = match &**name {
                "data" => {
                    data = Some(Rc::clone(schema));
                    true
                }
                "event" | "id" => facets.says_string() && facets.is_type_only(),
                "retry" => is_plain_retry(&facets),
                _ => false,
            };
            if !is_plain {
                return None;
            }
        }
        data
    }

    /// Finds the strings that are to be typed as the JSON that they hold, before any schema becomes a type: the data of
    /// events that have a type of their own.
    pub(super) fn find_json_texts(&mut self, media_types: &[Rc<MediaType>]) {
        for media_type in media_types {
            let Ok(Some(item)) = self.item_schema(media_type) else {
                continue;
            };
            if !matches!(self.described(&item), Described::Event) {
                continue;
            }
            let mut look = Look::default();
            self.look(&item.schema, DEEPEST_UNION, &mut look);
            let mut rest = look.data;
            let mut seen = HashSet::new();
            while let Some(schema) = rest.pop() {
                if !seen.insert(key(&schema)) {
                    continue;
                }
                if schema.content_schema.is_some() {
                    self.json_texts.insert(key(&schema));
                }
                for reference in schema.references() {
                    rest.extend(self.references.schema(reference, self.diagnostics));
                }
                rest.extend(schema.all_of.iter().flat_map(|it| it.value.iter().cloned()));
            }
        }
    }

    /// Reports an `x-content` that cannot be followed, once.
    pub(super) fn refuse_typed_content(&mut self, place: &Place) {
        if self
            .references
            .is_news(format!("content {}#{}", place.span.file.0, place.pointer))
        {
            self.diagnostics
                .error(
                    Code::InvalidExtension,
                    place,
                    "`x-content` must be `typed`, beside `contentMediaType: application/json` and nothing that is asked of the text",
                )
                .help("leave it out: such a string is any text, and its own keywords are checked");
        }
    }

    fn implied_data(&mut self, place: &Place) {
        self.implied_item(
            place,
            "the data of a server-sent event is text; this is taken as the schema of the JSON in it",
            "write `{type: string, contentMediaType: application/json, contentSchema: ...}`",
        );
    }

    fn implied_item(&mut self, place: &Place, headline: &str, help: &str) {
        self.diagnostics
            .warning(Code::ImpliedItem, place, headline)
            .help(help);
    }
}

/// What the JSON is that a string is said to hold, where nothing is asked of the string itself; `None` of anything.
pub(super) fn json_held(facets: &Facets) -> Option<Option<Rc<Schema>>> {
    let media_type = facets.content_media_type.as_ref()?;
    let is_alone = facets.textual.is_empty()
        && facets.formats.is_empty()
        && facets.values.is_none()
        && facets.unions.is_empty()
        && !facets.asks_of_any();
    (is_alone && Essence::of(&media_type.value).is_json()).then(|| facets.content_schema.clone())
}

/// The schema of the items, where nothing else is asked of an array.
fn only_items(facets: &Facets) -> Option<Rc<Schema>> {
    let [array] = facets.arrays.as_slice() else {
        return None;
    };
    let is_alone = facets.array.is_empty()
        && facets.contains.is_empty()
        && facets.unevaluated_items.is_empty()
        && facets.unions.is_empty()
        && facets.values.is_none()
        && !facets.asks_of_any()
        && array.prefix_items.is_none();
    array.items.clone().filter(|_| is_alone)
}

/// Whether a schema takes every time to reconnect.
fn is_plain_retry(facets: &Facets) -> bool {
    let is_number = facets.types.as_ref().is_some_and(|types| {
        types.iter().all(|ty| {
            matches!(
                ty,
                SchemaType::Integer | SchemaType::Number | SchemaType::Null
            )
        })
    });
    let is_bound = |check: &Check| match check {
        Check::Minimum(least) => least.starts_with('-') || least == "0",
        _ => false,
    };
    is_number
        && facets.formats.is_empty()
        && facets.values.is_none()
        && facets.unions.is_empty()
        && !facets.asks_of_any()
        && facets.numeric.iter().all(is_bound)
}
