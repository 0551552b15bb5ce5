//! `passpost user`: system users, their roles, the end of their accounts.

use super::named::{self, Named};
use crate::clock::{now_ms, randomness};
use crate::commands::second_factor;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, moment_or_dash};
use crate::table::{self, Column};
use domain::address::Address;
use domain::id::PersonId;
use domain::role::{Permission, Role, UserType};
use serde_json::json;
use store::person::{self, NewPerson, SystemRole};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// All system users
    List,
    /// The roles there are
    Roles,
    /// Make a system user; a person who is there already gets the role
    Create {
        /// User name
        username: String,
        /// The role, as in Manager
        #[arg(long)]
        role: String,
        /// Where mail goes; needed for a new person, unless the user name is an address
        #[arg(long)]
        address: Option<String>,
        /// Given name
        #[arg(long, default_value = "")]
        given_name: String,
        /// Family name
        #[arg(long, default_value = "")]
        family_name: String,
        /// Person (ui), program (api) or both (hybrid)
        #[arg(long = "type", value_enum, default_value_t = TypeArg::Ui)]
        user_type: TypeArg,
        /// The account ends then, as in 2027-06-30 or 2027-06-30T18:00:00Z
        #[arg(long, value_name = "DATE", value_parser = date)]
        expires: Option<i64>,
    },
    /// Give another role; "none" makes the person a contact again
    Role {
        /// User name, id, external id or address
        who: String,
        /// The role, or none
        role: String,
    },
    /// Set or take away the end of an account
    Expire {
        /// User name, id, external id or address
        who: String,
        /// When, as in 2027-06-30; "now" ends it at once
        #[arg(long, value_name = "DATE", value_parser = date, conflicts_with = "never", required_unless_present = "never")]
        at: Option<i64>,
        /// It has no end
        #[arg(long)]
        never: bool,
    },
    /// Show whether somebody has a second factor, or take it away
    SecondFactor {
        /// User name, id, external id or address
        who: String,
        /// Take it away, for who has lost both the telephone and the recovery codes
        #[arg(long)]
        reset: bool,
    },
    /// Say whether a role signs in with a second factor only
    RequireSecondFactor {
        /// The role, as in Owner
        role: String,
        /// yes or no
        #[arg(value_enum)]
        required: YesOrNo,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum YesOrNo {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum TypeArg {
    Ui,
    Api,
    Hybrid,
}

impl From<TypeArg> for UserType {
    fn from(user_type: TypeArg) -> Self {
        match user_type {
            TypeArg::Ui => Self::Ui,
            TypeArg::Api => Self::Api,
            TypeArg::Hybrid => Self::Hybrid,
        }
    }
}

fn date(text: &str) -> Result<i64, String> {
    if text == "now" {
        return Ok(now_ms());
    }
    let day = || text.parse::<jiff::civil::Date>().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC));
    text.parse::<jiff::Timestamp>()
        .or_else(|_| day().map(|zoned| zoned.timestamp()))
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|_| "expected a day such as 2027-06-30 or a time such as 2027-06-30T18:00:00Z".to_owned())
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List => list(context).await,
        Command::Roles => roles(context).await,
        Command::Create { username, role, address, given_name, family_name, user_type, expires } => {
            let contact = Contact { username, address, given_name, family_name };
            create(context, contact, &role, user_type.into(), expires).await
        }
        Command::Role { who, role } => role_of(context, &who, &role).await,
        Command::Expire { who, at, .. } => expire(context, &who, at).await,
        Command::SecondFactor { who, reset } => second_factor::of_person(context, &who, reset).await,
        Command::RequireSecondFactor { role, required } => {
            second_factor::require(context, &role, required == YesOrNo::Yes).await
        }
    }
}

async fn list(context: &Context) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let users = context.system_users().await?;
    context.out.show(&users, |users, out| {
        if users.is_empty() {
            out.line("There is no system user yet. `passpost setup` prints the link for the first Owner.");
        }
        let now = now_ms();
        let rows: Vec<Vec<String>> = users
            .iter()
            .filter_map(|user| user.system.as_ref().map(|system| (user, system)))
            .map(|(user, system)| {
                let state = match (user.blocked, system.expires_at) {
                    (true, _) => "blocked".into(),
                    (false, Some(at)) if at <= now => "expired".into(),
                    (false, Some(at)) => format!("until {}", moment(at)),
                    (false, None) => "active".into(),
                };
                vec![
                    user.username.clone(),
                    user.full_name(),
                    system.role.clone(),
                    system.rank.to_string(),
                    system.user_type.as_str().into(),
                    state,
                    moment_or_dash(user.credential.last_login_at),
                ]
            })
            .collect();
        let columns = [
            Column::Left("USER NAME"),
            Column::Left("NAME"),
            Column::Whole("ROLE"),
            Column::Right("RANK"),
            Column::Whole("TYPE"),
            Column::Left("STATE"),
            Column::Left("LAST SIGN-IN"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

async fn roles(context: &Context) -> Outcome {
    let roles = context.store.read(|tx| Box::pin(store::role::list(tx))).await?;
    context.out.show(&roles, |roles, out| {
        let rows: Vec<Vec<String>> = roles
            .iter()
            .map(|role| {
                let allows =
                    if role.permissions == ["*"] { "everything".into() } else { role.permissions.join(", ") };
                let factor = if role.second_factor_required { "required" } else { "-" };
                vec![role.name.clone(), role.rank.to_string(), factor.into(), allows]
            })
            .collect();
        let columns = [
            Column::Whole("ROLE"),
            Column::Right("RANK"),
            Column::Whole("SECOND FACTOR"),
            Column::Left("ALLOWS"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

/// Who is to be a system user.
struct Contact {
    username: String,
    address: Option<String>,
    given_name: String,
    family_name: String,
}

async fn create(
    context: &Context,
    contact: Contact,
    role: &str,
    user_type: UserType,
    expires_at: Option<i64>,
) -> Outcome {
    let acting = context.acting(Permission::RolesEdit).await?;
    let role = find_role(context, role).await?;
    let given =
        contact.address.clone().or_else(|| contact.username.contains('@').then(|| contact.username.clone()));
    let address = given.map(|text| Address::parse(&text)).transpose().map_err(Failure::usage)?;
    let (now, fresh) = (now_ms(), PersonId::generate(now_ms(), randomness()?));
    let system = SystemRole { role_id: role.id, user_type, expires_at };
    let (made, user) = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                let there = person::find_by_username(tx, &contact.username).await?;
                let (made, id) = match there {
                    Some(person) => (false, person.id),
                    None => {
                        let new = NewPerson {
                            username: Some(contact.username),
                            address,
                            given_name: contact.given_name,
                            family_name: contact.family_name,
                            ..NewPerson::new(fresh)
                        };
                        person::insert(tx, &acting, &new, now).await?;
                        (true, fresh)
                    }
                };
                person::grant_role(tx, &acting, id, system, now).await?;
                Ok::<_, store::ChangeError>((made, person::get(tx, id).await?))
            })
        })
        .await?;
    let what = if made { "is there" } else { "was there already" };
    context.out.done(format!("{} {what} and has the role {}", user.username, role.name), &user);
    if made && user_type != UserType::Api {
        context.out.note(if user.address.is_some() {
            "Nobody chooses a password for somebody else: mail one with an automation whose selection finds them."
        } else {
            "There is no address, so no password can be mailed: passpost people address WHO ADDRESS"
        });
    }
    Ok(Done::All)
}

async fn role_of(context: &Context, who: &str, role: &str) -> Outcome {
    let acting = context.acting(Permission::RolesEdit).await?;
    let one = context.person(who).await?;
    let role = match role {
        "none" => None,
        name => Some(find_role(context, name).await?),
    };
    let (id, now) = (one.id, now_ms());
    let system = role.as_ref().map(|role| SystemRole {
        role_id: role.id,
        user_type: one.system.as_ref().map_or(UserType::Ui, |system| system.user_type),
        expires_at: one.system.as_ref().and_then(|system| system.expires_at),
    });
    context
        .store
        .write(move |tx| {
            Box::pin(async move {
                match system {
                    Some(system) => person::grant_role(tx, &acting, id, system, now).await,
                    None => person::revoke_role(tx, &acting, id, now).await.map(|_| ()),
                }
            })
        })
        .await?;
    let text =
        role.as_ref().map_or_else(|| "is a contact".to_owned(), |role| format!("has the role {}", role.name));
    let value = json!({ "username": one.username, "role": role.map(|role| role.name) });
    context.out.done(format!("{} {text}; all sessions are over", one.username), &value);
    Ok(Done::All)
}

async fn expire(context: &Context, who: &str, at: Option<i64>) -> Outcome {
    let acting = context.acting(Permission::RolesEdit).await?;
    let one = context.person(who).await?;
    let (id, now) = (one.id, now_ms());
    context
        .store
        .write(move |tx| Box::pin(async move { person::set_expiry(tx, &acting, id, at, now).await }))
        .await?;
    let text = at.map_or_else(|| "has no end".to_owned(), |at| format!("ends {}", moment(at)));
    context.out.done(
        format!("the account of {} {text}", one.username),
        &json!({ "username": one.username, "expires_at": at.map(moment) }),
    );
    Ok(Done::All)
}

impl Named for Role {
    const KIND: &'static str = "role";

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        Ok(store::role::find_by_name(tx, name).await?.into_iter().collect())
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        store::role::list(tx).await
    }
}

/// The role of this name, or what there is instead.
pub(super) async fn find_role(context: &Context, name: &str) -> Result<Role, Failure> {
    named::find(context, name).await
}
