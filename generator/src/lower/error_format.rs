//! Which format of errors a document describes, and how that of FastAPI speaks of bodies.

use super::Lowering;
use crate::{
    document::{Operation as DocumentOperation, OrReference, StatusKey},
    ir::{Api, Content, ErrorFormat, Presence, Type, TypeKind},
};

/// The schema that FastAPI gives to every 422.
const FASTAPI: &str = "HTTPValidationError";

impl Lowering<'_> {
    /// The format that a 422 of the operation describes.
    pub(super) fn error_format(&mut self, operation: &DocumentOperation) -> ErrorFormat {
        for (status, response) in &operation.responses {
            if status.value != StatusKey::Status(422) {
                continue;
            }
            let Some(response) = self.references.response(response, self.diagnostics) else {
                continue;
            };
            for (_, media_type) in &response.content {
                if self.schema_name_of(media_type).as_deref() == Some(FASTAPI) {
                    return ErrorFormat::FastApi;
                }
            }
        }
        ErrorFormat::Problem
    }

    /// Whether FastAPI made the schema of the body of several parameters; it calls that after the operation.
    pub(super) fn is_embedded(&mut self, operation: &DocumentOperation) -> bool {
        let (Some(body), Some(id)) = (&operation.request_body, &operation.operation_id) else {
            return false;
        };
        let Some(body) = self.references.request_body(body, self.diagnostics) else {
            return false;
        };
        let name = format!("Body_{}", id.value);
        body.content
            .iter()
            .any(|(_, content)| self.schema_name_of(content).as_deref() == Some(&*name))
    }

    /// The name of the schema that a content refers to.
    fn schema_name_of(
        &mut self,
        media_type: &OrReference<crate::document::MediaType>,
    ) -> Option<String> {
        let media_type = self.references.media_type(media_type, self.diagnostics)?;
        let reference = media_type.schema.as_ref()?.reference.clone()?;
        let (_, name) = self.references.target(&reference, self.diagnostics)?;
        Some(name)
    }
}

/// Says which fields are missing where a body is, as FastAPI does: those of forms, and of what are parameters to it.
pub(super) fn name_missing_fields(api: &mut Api) {
    if api.error_format != ErrorFormat::FastApi {
        return;
    }
    let types = &api.types;
    for body in api
        .operations
        .iter_mut()
        .filter_map(|it| it.request.as_mut()?.body.as_mut())
    {
        let value = match body.contents.only() {
            Some(Content::Form(form) | Content::Multipart(form)) => &form.value,
            Some(Content::Json(value)) if body.is_embedded => value,
            _ => continue,
        };
        let Type::Named(id) = &value.ty else { continue };
        if let Some(TypeKind::Struct(it)) = types.get(id.0).map(|def| &def.kind) {
            let required = it
                .fields
                .iter()
                .filter(|field| field.presence == Presence::Required);
            body.missing = required.map(|field| field.key.clone()).collect();
        }
    }
}
