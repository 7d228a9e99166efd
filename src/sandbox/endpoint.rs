//! The calls that the server answers, and the method and path of each.
//!
//! Invariant: every path is either one endpoint or [`Endpoint::Unknown`]. Find by id has three forms because
//! the vendor's page contradicts itself; the server answers all of them.

use std::fmt;

use axum::http::Method;

/// One of the API's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `POST /openapi/crm/add`
    Add,
    /// `POST /openapi/crm/update`
    Update,
    /// `POST /openapi/crm/list`
    List,
    /// `GET /openapi/crm/findById/{id}`, `POST` of the same, or `GET /openapi/crm/{id}`
    Find,
    /// `POST /openapi/crm/delete`
    Delete,
    /// `POST /openapi/crm/config/field/list`
    Fields,
    /// Any other path.
    Unknown,
}

impl Endpoint {
    /// Every endpoint except [`Endpoint::Unknown`].
    pub const ALL: [Self; 6] = [
        Self::Add,
        Self::Update,
        Self::List,
        Self::Find,
        Self::Delete,
        Self::Fields,
    ];

    /// Returns the endpoint's short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::List => "list",
            Self::Find => "find",
            Self::Delete => "delete",
            Self::Fields => "fields",
            Self::Unknown => "unknown",
        }
    }

    /// Returns whether the call changes the store.
    pub(super) const fn writes(self) -> bool {
        matches!(self, Self::Add | Self::Update | Self::Delete)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The endpoint that a request names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) endpoint: Endpoint,
    /// The customer id in the path, for [`Endpoint::Find`].
    pub(super) id: &'a str,
    /// Whether the endpoint answers this method.
    pub(super) allowed: bool,
}

impl<'a> Route<'a> {
    pub(super) fn of(method: &Method, path: &'a str) -> Self {
        let is_post = method == Method::POST;
        let is_get = method == Method::GET;
        let (endpoint, id, allowed) = match path.strip_prefix("/openapi/crm/") {
            Some("add") => (Endpoint::Add, "", is_post),
            Some("update") => (Endpoint::Update, "", is_post),
            Some("list") => (Endpoint::List, "", is_post),
            Some("delete") => (Endpoint::Delete, "", is_post),
            Some("config/field/list") => (Endpoint::Fields, "", is_post),
            Some(rest) => match rest.strip_prefix("findById/") {
                Some(id) if is_segment(id) => (Endpoint::Find, id, is_get || is_post),
                None if is_segment(rest) && rest != "findById" => (Endpoint::Find, rest, is_get),
                _ => (Endpoint::Unknown, "", false),
            },
            None => (Endpoint::Unknown, "", false),
        };
        Self {
            endpoint,
            id,
            allowed,
        }
    }
}

fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &Method, path: &str) -> (Endpoint, String, bool) {
        let route = Route::of(method, path);
        (route.endpoint, route.id.to_owned(), route.allowed)
    }

    #[test]
    fn paths_name_endpoints() {
        let find = |allowed| (Endpoint::Find, "12".to_owned(), allowed);
        assert_eq!(route(&Method::GET, "/openapi/crm/12"), find(true));
        assert_eq!(route(&Method::POST, "/openapi/crm/12"), find(false));
        assert_eq!(route(&Method::GET, "/openapi/crm/findById/12"), find(true));
        assert_eq!(route(&Method::POST, "/openapi/crm/findById/12"), find(true));
        assert_eq!(
            route(&Method::POST, "/openapi/crm/config/field/list").0,
            Endpoint::Fields
        );
        assert!(!route(&Method::GET, "/openapi/crm/add").2);
        for path in [
            "/",
            "/openapi/crm/",
            "/openapi/crm/a/b",
            "/openapi/crm/findById/",
        ] {
            assert_eq!(route(&Method::GET, path).0, Endpoint::Unknown);
        }
    }
}
