//! `GET /images/search`: `docker search`

use crate::error::{Error, Reply};
use crate::query::{Params, boolean, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::Found;
use serde::Serialize;
use std::sync::Arc;

/// As many as Docker asks for if nobody says how many.
const LIMIT: u32 = 25;

/// A repository, as Docker Hub describes it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SearchResult {
    star_count: i64,
    is_official: bool,
    name: String,
    is_automated: bool,
    description: String,
}

/// What is asked for beside the term.
#[derive(Debug, Default)]
struct Filter {
    official: Option<bool>,
    automated: bool,
    stars: i64,
}

pub(crate) async fn search(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<Vec<SearchResult>>> {
    let limit = limit(params.text("limit"))?;
    let filter = Filter::new(params.filters()?)?;
    let term = params.text("term").unwrap_or_default();
    if term.starts_with("http://") || term.starts_with("https://") {
        return Err(Error::bad(format!("invalid repository name: repository name ({term}) should not have a scheme")));
    }
    let found = host.search(term, limit).await?.into_iter().map(SearchResult::from);
    Ok(Json(found.filter(|result| filter.matches(result)).collect()))
}

impl From<Found> for SearchResult {
    fn from(found: Found) -> Self {
        let Found { name, description, star_count, is_official } = found;
        let star_count = i64::try_from(star_count).unwrap_or(i64::MAX);
        Self { star_count, is_official, name, is_automated: false, description }
    }
}

impl Filter {
    fn new(filters: Vec<(String, Vec<String>)>) -> Reply<Self> {
        let mut filter = Self::default();
        for (name, values) in filters {
            match name.as_str() {
                "is-automated" => filter.automated = boolean(&name, &values)?,
                "is-official" => filter.official = Some(boolean(&name, &values)?),
                "stars" => {
                    for value in &values {
                        let stars = value.parse().map_err(|_| {
                            Error::bad(format!(
                                "invalid filter 'stars={value}': strconv.Atoi: parsing {value:?}: invalid syntax"
                            ))
                        })?;
                        filter.stars = filter.stars.max(stars);
                    }
                }
                _ => return Err(unknown_filter(&name)),
            }
        }
        Ok(filter)
    }

    fn matches(&self, result: &SearchResult) -> bool {
        !self.automated
            && self.official.is_none_or(|official| official == result.is_official)
            && result.star_count >= self.stars
    }
}

fn limit(text: Option<&str>) -> Reply<u32> {
    let Some(text) = text else { return Ok(LIMIT) };
    let number: i64 = text
        .parse()
        .map_err(|_| Error::bad(format!("invalid limit specified: strconv.Atoi: parsing {text:?}: invalid syntax")))?;
    match u32::try_from(number) {
        Ok(0) => Ok(LIMIT),
        Ok(limit @ 1..=100) => Ok(limit),
        _ => Err(Error::bad(format!("limit {number} is outside the range of [1, 100]"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn filter(name: &str, value: &str) -> Reply<Filter> {
        Filter::new(vec![(name.into(), vec![value.into()])])
    }

    #[test]
    fn filters_select_and_nonsense_is_refused_in_dockers_words() {
        let result = |name: &str| {
            let is_official = !name.contains('/');
            Found { name: name.into(), description: String::new(), star_count: 2, is_official }.into()
        };
        for (name, value, official, other) in [
            ("is-official", "true", true, false),
            ("is-official", "0", false, true),
            ("is-automated", "true", false, false),
            ("is-automated", "false", true, true),
            ("stars", "0", true, true),
            ("stars", "3", false, false),
        ] {
            let filter = filter(name, value).unwrap();
            assert_eq!(
                (filter.matches(&result("a")), filter.matches(&result("a/b"))),
                (official, other),
                "{name}={value}"
            );
        }
        for (name, value, message) in [
            ("bogus", "1", "invalid filter 'bogus'"),
            ("is-official", "a", "invalid filter 'is-official=[a]'"),
            ("stars", "a", "invalid filter 'stars=a': strconv.Atoi: parsing \"a\": invalid syntax"),
        ] {
            assert_eq!(filter(name, value).unwrap_err().message, message);
        }
    }

    #[test]
    fn a_limit_is_between_1_and_100() {
        assert_eq!((limit(None).unwrap(), limit(Some("0")).unwrap(), limit(Some("100")).unwrap()), (25, 25, 100));
        assert_eq!(limit(Some("101")).unwrap_err().message, "limit 101 is outside the range of [1, 100]");
        assert!(limit(Some("-1")).is_err() && limit(Some("x")).is_err());
    }
}
