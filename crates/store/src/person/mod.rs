//! People: reading them, changing them, and the rules of rank and of the last Owner.

mod care;
mod change;
pub mod check;
pub(crate) mod load;
mod system;

pub use care::{clear_limits, end_sessions, mark_deliverable, revoke_outstanding};
pub(crate) use change::insert_unheard;
pub use change::{NewPerson, PersonChange, insert, mark_undeliverable, update};
pub use load::{
    find, find_by_external_id, find_by_username, get, list_by_address, list_by_ids, list_system_users,
};
pub use system::{
    OWNER, SystemRole, block, erase, grant_role, hold_outranked, owners_count, revoke_role, set_expiry,
    set_user_type, unblock,
};
