//! The server that the cases get wrong.

specwright::include_api!(
    /// What `shop.yaml` became.
    pub mod shop
);
