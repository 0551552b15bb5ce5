//! What a command works with: settings, the open database, who acts, where to print.

use crate::clock::now_ms;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;
use domain::person::Person;
use domain::role::Permission;
use std::path::Path;
use store::{Acting, Location, SCHEMA_VERSION, Store};

/// What a command works with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) out: Output,
    acting_as: Option<String>,
}

impl Context {
    /// Opens the database; an empty one gets its tables, an older one asks for `passpost migrate`.
    pub(crate) async fn open(
        settings: Settings,
        out: &Output,
        acting_as: Option<String>,
    ) -> Result<Self, Failure> {
        make_data_folder(&settings.server.data_dir)?;
        let store = open_store(&settings.database).await?;
        crate::clock::follow(&store).await?;
        let version = store.schema_version().await?;
        if version == 0 {
            store.migrate(now_ms()).await?;
        } else if version < SCHEMA_VERSION {
            return Err(Failure::failed(format!(
                "the database has schema version {version}, this program needs {SCHEMA_VERSION}"
            ))
            .hint("make a copy with `passpost backup FILE`, then run `passpost migrate`"));
        }
        store.check_schema().await?;
        Ok(Self { settings, store, out: out.clone(), acting_as })
    }

    /// Who acts: the command line itself, or the system user named by `--as` if its role allows this.
    pub(crate) async fn acting(&self, permission: Permission) -> Result<Acting, Failure> {
        let Some(name) = &self.acting_as else { return Ok(Acting::command_line()) };
        let person = self.system_user(name).await?;
        self.allowed(&person, permission).await?;
        acting_as(&person)
    }

    /// Who acts, for what must belong to somebody: the system user named by `--as`, else the only Owner.
    pub(crate) async fn acting_person(&self, permission: Permission) -> Result<Acting, Failure> {
        acting_as(&self.operator(permission).await?)
    }

    /// The system user a command acts for: the one named by `--as`, else the only Owner.
    pub(crate) async fn operator(&self, permission: Permission) -> Result<Person, Failure> {
        if let Some(name) = &self.acting_as {
            let person = self.system_user(name).await?;
            self.allowed(&person, permission).await?;
            return Ok(person);
        }
        let owners: Vec<Person> = self
            .system_users()
            .await?
            .into_iter()
            .filter(|person| person.rank_at(now_ms()) == Some(domain::role::Rank::HIGHEST) && !person.blocked)
            .collect();
        match owners.len() {
            1 => owners.into_iter().next().ok_or_else(|| Failure::failed("no Owner")),
            0 => Err(Failure::usage("this needs somebody who acts, and there is no Owner yet").hint(
                "`passpost setup` prints the link for the first Owner; `passpost user create` makes one here",
            )),
            _ => {
                let names: Vec<String> = owners.into_iter().map(|owner| owner.username).collect();
                Err(Failure::usage("this needs somebody who acts, and there are several Owners")
                    .hint(format!("add --as with one of: {}", names.join(", "))))
            }
        }
    }

    /// What the one who acts may do; `None`: everything, at the bare command line.
    pub(crate) async fn own_permissions(&self) -> Result<Option<Vec<Permission>>, Failure> {
        let Some(name) = &self.acting_as else { return Ok(None) };
        let Some(system) = self.system_user(name).await?.system else { return Ok(Some(Vec::new())) };
        let role = self.store.read(move |tx| Box::pin(store::role::get(tx, system.role_id))).await?;
        Ok(Some(Permission::ALL.iter().copied().filter(|one| role.allows(*one)).collect()))
    }

    /// The system user of this name, who must be the one who acts: whoever is named by `--as`, or anybody at the bare
    /// command line.
    pub(crate) async fn operator_named(&self, name: &str, permission: Permission) -> Result<Person, Failure> {
        let person = self.system_user(name).await?;
        if let Some(acting) = &self.acting_as
            && domain::address::canonical_username(acting) != person.username
        {
            return Err(Failure::usage(format!("{acting} acts, so it cannot go to {name}")));
        }
        self.allowed(&person, permission).await?;
        Ok(person)
    }

    /// Everyone with a system role, by user name.
    pub(crate) async fn system_users(&self) -> Result<Vec<Person>, Failure> {
        Ok(self.store.read(|tx| Box::pin(store::person::list_system_users(tx))).await?)
    }

    async fn system_user(&self, name: &str) -> Result<Person, Failure> {
        let users = self.system_users().await?;
        let canonical = domain::address::canonical_username(name);
        let names: Vec<String> = users.iter().map(|user| user.username.clone()).collect();
        let found = users.into_iter().find(|user| user.username == canonical);
        let user = found.ok_or_else(|| Failure::unknown("system user", name, &names))?;
        if user.blocked {
            return Err(Failure::usage(format!("{name} is blocked and cannot act")));
        }
        Ok(user)
    }

    async fn allowed(&self, person: &Person, permission: Permission) -> Result<(), Failure> {
        let Some(system) = person.system.clone().filter(|_| person.rank_at(now_ms()).is_some()) else {
            return Err(expired(&person.username));
        };
        let role = self.store.read(move |tx| Box::pin(store::role::get(tx, system.role_id))).await?;
        if role.allows(permission) {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{} has the role {}, which does not allow {}",
            person.username,
            role.name,
            permission.as_str()
        )))
    }

    /// One person by user name, id, external id or, when nobody else has it, address.
    pub(crate) async fn person(&self, who: &str) -> Result<Person, Failure> {
        let text = who.to_owned();
        let found = self
            .store
            .read(move |tx| {
                Box::pin(async move {
                    if let Ok(id) = text.parse() {
                        return Ok(store::person::find(tx, id).await?.into_iter().collect());
                    }
                    if let Some(person) = store::person::find_by_username(tx, &text).await? {
                        return Ok(vec![person]);
                    }
                    if let Some(person) = store::person::find_by_external_id(tx, &text).await? {
                        return Ok(vec![person]);
                    }
                    match domain::address::Address::parse(&text) {
                        Ok(address) => store::person::list_by_address(tx, &address).await,
                        Err(_) => Ok(Vec::new()),
                    }
                })
            })
            .await
            .map_err(|error: store::StoreError| Failure::from(error))?;
        match found.len() {
            1 => found.into_iter().next().ok_or_else(|| Failure::failed("nobody")),
            0 => Err(Failure::usage(format!("nobody has the user name, id, external id or address {who:?}"))
                .hint("`passpost people list` shows who there is")),
            _ => {
                let names: Vec<String> = found.into_iter().map(|person| person.username).collect();
                Err(Failure::usage(format!("{} people share the address {who}", names.len()))
                    .hint(format!("name one of them by user name: {}", names.join(", "))))
            }
        }
    }
}

/// A system user, acting at the command line.
pub(crate) fn acting_as(person: &Person) -> Result<Acting, Failure> {
    let rank = person.rank_at(now_ms()).ok_or_else(|| expired(&person.username))?;
    Ok(Acting::command_line_as(person.id, rank))
}

fn expired(name: &str) -> Failure {
    Failure::usage(format!("the account of {name} has expired"))
}

/// Opens the database, with words for the two commonest obstacles.
pub(crate) async fn open_store(location: &Location) -> Result<Store, Failure> {
    Store::open(location).await.map_err(|error| {
        let failure = Failure::from(error);
        match location {
            Location::Sqlite(path) => failure
                .hint(format!("the database is the file {}; `passpost doctor` checks it", path.display())),
            Location::Postgres(_) => {
                failure.hint("check database.url and that the server runs; see `passpost config`")
            }
        }
    })
}

/// Makes the data folder, for its owner only.
pub(crate) fn make_data_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        Failure::failed(format!("the data folder {} cannot be made: {error}", path.display()))
            .hint("name another one with --data DIR or data_dir")
    })
}
