//! The checks that garde does not bring.

/// `uniqueItems` of at most 16 strings, few enough to compare each with each.
pub fn unique_items(items: &[String], _: &()) -> garde::Result {
    for (index, item) in items.iter().enumerate() {
        if items[..index].contains(item) {
            return Err(garde::Error::new("items are not unique"));
        }
    }
    Ok(())
}

/// `multipleOf: 0.01`, within what a float can hold.
pub fn whole_cents(price: &f64, _: &()) -> garde::Result {
    let cents = price * 100.0;
    if (cents - cents.round()).abs() > 1e-6 * cents.abs().max(1.0) {
        return Err(garde::Error::new("not a multiple of 0.01"));
    }
    Ok(())
}

/// `multipleOf: 5`.
pub fn multiple_of_5(percent: &Option<i32>, _: &()) -> garde::Result {
    match percent {
        Some(percent) if percent % 5 != 0 => Err(garde::Error::new("not a multiple of 5")),
        _ => Ok(()),
    }
}
