//! The types of which there are random values.

use super::random::random;
use crate::serve::content_parameters::content_parameters;
use crate::serve::contents::contents;
use crate::serve::form_responses::form_responses;
use crate::serve::forms::forms;
use crate::serve::multipart_positions::multipart_positions;
use crate::serve::parameters::{header_parameters, path_parameters, query_parameters};
use crate::serve::part_headers::part_headers;
use crate::serve::responses::{bytes, response_headers};
use crate::serve::style_table::style_table;
use crate::serve::styles::styles;
use crate::serve::uploads::uploads;

random! {
    struct style_table::PathRequest { simple_joined_text, label_joined_text, matrix_joined_text, simple_exploded_text, label_exploded_text, matrix_exploded_text, simple_joined_list, label_joined_list, matrix_joined_list, simple_exploded_list, label_exploded_list, matrix_exploded_list, simple_joined_object, label_joined_object, matrix_joined_object, simple_exploded_object, label_exploded_object, matrix_exploded_object }
    struct style_table::QueryRequest { form_joined_text, form_exploded_text, form_joined_list, form_exploded_list, form_joined_object, form_exploded_object, spacedelimited_joined_list, pipedelimited_joined_list, spacedelimited_joined_object, pipedelimited_joined_object, deepobject_exploded_object }
    struct style_table::HeaderRequest { x_simple_joined_text, x_simple_exploded_text, x_simple_joined_list, x_simple_exploded_list, x_simple_joined_object, x_simple_exploded_object }
    struct style_table::CookieRequest { form_joined_text, form_exploded_text, form_joined_list, form_exploded_list, form_joined_object, form_exploded_object }
    struct style_table::RawRequest { cookie_joined_text, cookie_exploded_text, cookie_joined_list, cookie_exploded_list, cookie_joined_object, cookie_exploded_object }
    struct style_table::Odd { r, x_y, é }
    struct style_table::Plain { r, g, b }
    struct styles::PathRequest { simple, simple_exploded, label, label_exploded, matrix, matrix_exploded }
    struct styles::QueryRequest { form, exploded, members, space, pipe, deep }
    struct styles::NestedRequest { filter, ids, search, points }
    struct styles::CountedRequest { few, other, maybe }
    struct styles::HeadRequest { x_color, x_exploded, plain, list, members, raw, shade }
    struct styles::EmptyRequest { status, allowed, nothing, required, text, gift }
    struct styles::TypedRequest { page, either, any, mixed }
    enum styles::Value { Text, List, Color }
    enum styles::TextOrList { Text, List }
    struct styles::Open { mode, additional_properties }
    enum styles::ListOrObject { List, Color }
    struct styles::Color { r, g, b, additional_properties }
    struct styles::Filter { status, price, rows }
    struct styles::Search { tags, by }
    struct styles::NestedPointsItem { x }
    struct styles::CountedFew { a, b }
    struct styles::MaybeColor { r }
    struct styles::HeadShade { shade }
    strings styles::EmptyStatus;
    enum styles::TypedPage { Integer, List }
    enum styles::TypedEither { Text, Text2, Variant3 }
    enum styles::TypedMixed { Text, List }
    strings styles::FilterStatusItem;
    struct styles::FilterPrice { least, most }
    struct styles::FilterRowsItem { name }
    enum styles::TypedEitherVariant3 { Integer, Boolean }
    struct content_parameters::ContentRequest { r#where, points, maybe, note, x_point, point, any }
    struct content_parameters::JsonRequest { search }
    struct content_parameters::FormRequest { search }
    struct content_parameters::Point { x, y }
    struct content_parameters::Search { q, tags, at, pair, deep, spread, json, either, additional_properties }
    struct content_parameters::SearchSpread { red }
    enum content_parameters::SearchEither { Boolean, List }
    struct forms::OrderRequest { dry, body }
    struct forms::OpenRequest { body }
    struct forms::ChoiceRequest { body }
    struct forms::ChunksRequest { body }
    struct forms::OrderRequestBody { name, email, size, gift, toppings, days, codes, ids, address, extra, lines, either }
    struct forms::OpenRequestBody { a, additional_properties }
    enum forms::ChoiceRequestBody { Object, Object2 }
    enum forms::ChunksRequestBody { Form, Multipart }
    struct forms::OrderRequestBodyAddress { street, number }
    struct forms::OrderRequestBodyLinesItem { sku }
    enum forms::OrderRequestBodyEither { Integer, Boolean }
    struct forms::ChoiceRequestBodyObject { a }
    struct forms::ChoiceRequestBodyObject2 { b }
    struct forms::ChunksRequestBodyForm { strategy, count }
    enum forms::ChunksRequestBodyFormStrategy { Known, Object }
    enum forms::ChunksRequestBodyFormCount { Integer, Object }
    strings forms::ChunksRequestBodyFormStrategyKnown;
    struct forms::ChunksRequestBodyFormStrategyObject { size }
    struct header_parameters::ReadRequest { x_trace, x_count, x_ids, session, visits, ids }
    struct query_parameters::ReadRequest { q, limit, ratio, flag, id, sort, tag, day, a_b, free }
    strings query_parameters::ReadSort;
    struct path_parameters::ReadRequest { word, number, list }
    struct part_headers::AddPhotosRequest { body }
    struct part_headers::AddPhotosRequestBody { cover, names, photos, place, points, note }
    struct part_headers::AddPhotosRequestBodyCoverHeaders { x_camera, x_size, x_turn }
    struct part_headers::AddPhotosRequestBodyNamesHeaders { x_locale }
    struct part_headers::AddPhotosRequestBodyPhotosHeaders { x_camera }
    struct part_headers::AddPhotosRequestBodyPlace { city, headers }
    struct part_headers::AddPhotosRequestBodyPlaceHeaders { x_map }
    struct part_headers::AddPhotosRequestBodyPointsHeaders { x_unit }
    struct part_headers::AddPhotosRequestBodyPlaceHeadersXMap { scale }
    strings part_headers::Unit;
    struct multipart_positions::AddNumbersRequest { body }
    struct multipart_positions::AddImageRequest { body }
    struct multipart_positions::AddAlbumRequest { body }
    struct multipart_positions::AddImageRequestBody { part1, image, part3 }
    struct multipart_positions::AddAlbumRequestBody { part1, rest }
    struct multipart_positions::AddImageRequestBodyPart1 { author }
    struct multipart_positions::AddImageRequestBodyPart2Headers { x_camera }
    struct form_responses::OrderRequest { body }
    struct form_responses::BookRequest { body }
    struct form_responses::AlbumRequest { body }
    struct form_responses::ListRequest { body }
    struct form_responses::OrderRequestBody { name, size, gift, toppings, days, codes, words, address, extra, lines, either, color, filter, pair, count }
    struct form_responses::BookRequestBody { title, pages, tags, author, numbers, notes, table, cover, samples }
    struct form_responses::AlbumRequestBody { part1, image, rest }
    enum form_responses::ListRequestBodyItem { Object, Text }
    struct form_responses::OrderRequestBodyAddress { street, number }
    struct form_responses::OrderRequestBodyLinesItem { sku }
    enum form_responses::OrderRequestBodyEither { Integer, Boolean }
    struct form_responses::OrderRequestBodyColor { red, blue }
    struct form_responses::OrderRequestBodyFilter { from, tags }
    struct form_responses::OrderRequestBodyPair { left, right }
    struct form_responses::BookRequestBodyAuthor { name }
    struct form_responses::BookRequestBodyNotesHeaders { x_locale }
    struct form_responses::BookRequestBodyCoverHeaders { x_camera, x_size }
    struct form_responses::AlbumRequestBodyPart1 { author }
    struct form_responses::AlbumRequestBodyPart2Headers { x_camera }
    struct form_responses::ListRequestBodyItemObject { id }
    struct uploads::AddBookRequest { shelf, body }
    struct uploads::AddAlbumRequest { body }
    struct uploads::AddNoteRequest { body }
    struct uploads::AddBookRequestBody { title, pages, tags, author, numbers, cover, samples }
    struct uploads::AddAlbumRequestBody { title, photos, table }
    enum uploads::AddNoteRequestBody { Multipart, Json }
    struct uploads::AddBookRequestBodyAuthor { name, born }
    struct uploads::AddNoteRequestBodyMultipart { text }
    struct bytes::PutTextRequest { body }
    struct bytes::PutImageRequest { body }
    struct bytes::PutSketchRequest { body }
    struct bytes::PutOptionalRequest { body }
    struct contents::AddNoteRequest { body }
    struct contents::PutWordRequest { body }
    enum contents::AddNoteRequestBody { Json, Form, Text, AnyText, Bytes }
    strings contents::PutWordRequestBody;
    struct contents::Note { title, stars }
    struct response_headers::AnswerResponse { x_count, x_code, x_tags, x_color, x_exploded, x_json, x_gaps, x_note, set_cookie }
    struct response_headers::Color { r, name }
}
