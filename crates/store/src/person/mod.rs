//! People: reading them, changing them, and the rules of rank and of the last Owner.

mod change;
pub mod check;
pub(crate) mod load;
mod system;

pub use change::{NewPerson, PersonChange, insert, mark_undeliverable, update};
pub use load::{
    find, find_by_external_id, find_by_username, get, list_by_address, list_by_ids, list_system_users,
};
pub(crate) use system::hold_outranked;
pub use system::{
    OWNER, SystemRole, block, end_all_sessions, erase, grant_role, owners_count, revoke_role, set_expiry,
    set_user_type, unblock,
};
