//! Who takes letters, and tells what became of them.

use std::error::Error;

use apalis::prelude::{Codec, FetchById, Status, Task, TaskBuilder, TaskId, TaskSink};
use apalis_core::backend::{WireFormatBackend, finalize::Durable};
use specwright::{Context, StatusCode};
use ulid::Ulid;

use crate::letters::{
    GetLetterError, GetLetterRequest, Letter, LetterId, LetterInput, LetterState, LettersApi,
    Problem, ProblemResponse, SendLetterError, SendLetterRequest, SendLetterResponse,
};

/// So often a worker may take up a letter, where others died over it.
const ATTEMPTS: usize = 5;

/// The post office, over a queue of letters, whichever database keeps it.
#[derive(Debug)]
pub(crate) struct Office<Q>(pub(crate) Q);

impl<Q> LettersApi for Office<Q>
where
    Q: TaskSink<LetterInput, Durable>
        + FetchById<Task = Task<Vec<u8>>>
        + WireFormatBackend<Codec: Codec<LetterInput, Compact = Vec<u8>, Error: Error + Send + Sync>>
        + Clone
        + Send
        + Sync
        + 'static,
{
    async fn send_letter(
        &self,
        _cx: &Context,
        request: SendLetterRequest,
    ) -> Result<SendLetterResponse, SendLetterError> {
        let LetterInput { to, text } = request.body.clone();
        let id = Ulid::generate().to_string();
        let task = TaskBuilder::new(request.body)
            .task_id(TaskId::from_string(id.as_str()))
            .max_attempts(ATTEMPTS)
            .build();
        self.0.clone().push_task(task).await?;
        Ok(SendLetterResponse {
            location: format!("/letters/{id}"),
            body: Letter {
                id: LetterId::try_from(id)?,
                to,
                text,
                state: LetterState::Waiting,
            },
        })
    }

    async fn get_letter(
        &self,
        _cx: &Context,
        request: GetLetterRequest,
    ) -> Result<Letter, GetLetterError> {
        let id = TaskId::from_string(request.letter_id.as_str());
        let Some(task) = self.0.clone().fetch_by_id(&id).await? else {
            return Err(none());
        };
        let state = state(&task);
        let LetterInput { to, text } = self.0.codec().decode(&task.args)?;
        Ok(Letter {
            id: request.letter_id,
            to,
            text,
            state,
        })
    }
}

fn state<T>(task: &Task<T>) -> LetterState {
    match task.status() {
        Status::Done => LetterState::Delivered,
        Status::Killed => LetterState::Returned,
        Status::Failed if task.attempt() >= task.max_attempts().unwrap_or(ATTEMPTS) => {
            LetterState::Returned
        }
        _ => LetterState::Waiting,
    }
}

fn none() -> GetLetterError {
    let status = StatusCode::NOT_FOUND;
    GetLetterError::Default {
        status,
        response: ProblemResponse(Problem {
            title: "Not Found".to_owned(),
            status: i32::from(status.as_u16()),
            detail: Some("there is no such letter".to_owned()),
        }),
    }
}
