//! x

pub mod store_folder;
