//! The shelves of the shop.

use std::collections::HashMap;

use specwright::{Context, Dep, StatusCode, Unexpected};
use sqlx::{Row as _, SqliteConnection};

use crate::bookshop::{
    CategoriesApi, Category, ReplaceCategoriesError, ReplaceCategoriesRequest, Slug,
};
use crate::column::checked;
use crate::problem::problem;
use crate::request::Transaction;
use crate::security::User;
use crate::shop::Shop;

impl CategoriesApi for Shop {
    async fn list_categories(&self, _cx: &Context) -> Result<Vec<Category>, Unexpected> {
        let rows = sqlx::query("SELECT slug, name, parent FROM categories ORDER BY position")
            .fetch_all(&self.db)
            .await?;
        let mut children: HashMap<Option<String>, Vec<Category>> = HashMap::new();
        for row in &rows {
            children
                .entry(row.try_get("parent")?)
                .or_default()
                .push(Category {
                    slug: checked::<_, String>(row, "slug")?,
                    name: row.try_get("name")?,
                    children: Vec::new(),
                });
        }
        Ok(tree(None, &mut children))
    }

    async fn replace_categories(
        &self,
        cx: &Context,
        user: User,
        request: ReplaceCategoriesRequest,
    ) -> Result<(), ReplaceCategoriesError> {
        user.require_editor()?;
        let tx: Dep<Transaction> = cx.get(self).await?;
        let mut tx = tx.lock().await?;
        sqlx::query("DELETE FROM categories")
            .execute(&mut **tx)
            .await?;
        let mut rest: Vec<(Option<Slug>, Category)> = in_order(None, request.body).collect();
        let mut position = 0;
        while let Some((parent, category)) = rest.pop() {
            if is_taken(&mut tx, &category.slug).await? {
                return Err(kept(format!(
                    "the category `{}` stands in the tree twice",
                    *category.slug
                )));
            }
            sqlx::query(
                "INSERT INTO categories (slug, name, parent, position) VALUES (?, ?, ?, ?)",
            )
            .bind(category.slug.as_str())
            .bind(&category.name)
            .bind(parent.as_ref().map(|slug| slug.as_str()))
            .bind(position)
            .execute(&mut **tx)
            .await?;
            position += 1;
            rest.extend(in_order(Some(&category.slug), category.children));
        }
        let homeless: Option<String> = sqlx::query_scalar(
            "SELECT category FROM books WHERE category NOT IN (SELECT slug FROM categories)",
        )
        .fetch_optional(&mut **tx)
        .await?;
        if let Some(slug) = homeless {
            return Err(kept(format!("books still stand in `{slug}`")));
        }
        Ok(())
    }
}

/// Categories with their parent, the last first, as a stack takes them.
fn in_order(
    parent: Option<&Slug>,
    categories: Vec<Category>,
) -> impl Iterator<Item = (Option<Slug>, Category)> {
    let parent = parent.cloned();
    categories
        .into_iter()
        .rev()
        .map(move |category| (parent.clone(), category))
}

/// Puts categories below their parents. Each is taken out of the map, so that this ends whatever the rows say.
fn tree(
    parent: Option<&Slug>,
    children: &mut HashMap<Option<String>, Vec<Category>>,
) -> Vec<Category> {
    let key = parent.map(|slug| slug.as_str().to_owned());
    let mut categories = children.remove(&key).unwrap_or_default();
    for category in &mut categories {
        category.children = tree(Some(&category.slug), children);
    }
    categories
}

async fn is_taken(db: &mut SqliteConnection, slug: &Slug) -> sqlx::Result<bool> {
    let found = sqlx::query("SELECT 1 FROM categories WHERE slug = ?")
        .bind(slug.as_str())
        .fetch_optional(db)
        .await?;
    Ok(found.is_some())
}

fn kept(detail: String) -> ReplaceCategoriesError {
    ReplaceCategoriesError::Default {
        status: StatusCode::CONFLICT,
        body: problem(StatusCode::CONFLICT, detail),
    }
}
