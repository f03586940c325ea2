"""The commented configuration that `archiver init` writes: empty to be filled in, or filled in for the demo."""

from string import Template

_TEXT = Template("""\
# Configurazione dell'archivio PEC - configuration of the PEC archive.
# Compilare i campi vuoti (""), poi: archiver doctor
# Fill in the empty fields (""), then: archiver doctor
$mark
[archive]
demo = $demo                      # true: sigillo e marche locali, SENZA VALORE LEGALE / no legal value
kind = "private"                  # "private", or "pa" for a public administration
language = "it"                   # "it" or "en": the language of reports
manual = "$manual"                # manuale di conservazione: nome e versione / name and version
catalog = "sqlite:///catalog.db"  # the index of the store: keep a backup of it too
# catalog = "postgresql://archiver@db.example.it/pec"   # or a PostgreSQL, for several machines
# catalog_password = "env:PEC_CATALOG"                  # or "file:/run/secrets/catalog"
# copies = 2                      # on how many [[store]] a message must be, read back, to be safe; else on all
providers = "providers"           # folder with the certificates of the PEC providers' CAs (.pem, .cer)

# Il titolare dell'oggetto della conservazione. `id` entra nei nomi degli oggetti: nessun dato personale.
# The holder. `id` becomes part of object names: no personal data in it.
[[holder]]
id = "$holder_id"
type = "legal person"             # or "natural person" with first_name, last_name
name = "$holder_name"
tax_code = "$holder_code"         # codice fiscale
vat = ""                          # partita IVA
document = "$holder_document"     # atto da cui risulta il ruolo / the act that gives the role

# Il produttore dei pacchetti di versamento. Who hands the messages over.
[producer]
type = "legal person"
name = "$holder_name"
tax_code = "$holder_code"
document = "$holder_document"

# Il responsabile della conservazione. Un successore: un altro [[responsible]] in coda; non cancellare.
# A successor is appended as another [[responsible]]; never delete one.
[[responsible]]
type = "natural person"
first_name = "$first_name"
last_name = "$last_name"
tax_code = "$person_code"
document = "$person_document"     # atto di nomina
valid_from = $today
# valid_to = 2030-12-31

# Chi firma l'indice dei pacchetti. Who signs the index of the packages.
#   kind = "file": PKCS#12 (.p12) or PEM; "pkcs11": a token or HSM; "command": a program that asks a remote service;
#   "hand": archiver seal --to-sign DIR / --signed DIR; "local": demo only
[signer]
kind = "$signer_kind"
role = "$signer_role"
$signer_files
level = "B-T"                     # CAdES-B-T; "B-B" is refused for fiscal classes
type = "$signer_type"
$signer_name
tax_code = "$signer_code"
document = "$signer_document"
# [signer.pkcs11]                 # kind = "pkcs11": un token o un HSM
# module = "/usr/lib/softhsm/libsofthsm2.so"
# token = "pec"                   # its label, or slot = its number
# key = "sigillo"                 # its label, or key_id = in hexadecimal
# pin = "env:SEAL_PIN"            # or "file:/run/secrets/pin"; a wrong one is never tried twice
# [signer.command]                # kind = "command": firma remota o automatica; `certificate` is needed
# run = ["/usr/local/bin/firma-remota", "--utente", "studio"]   # the SHA-256 on stdin, the answer on stdout
# answers = "signature"           # or "cms": a detached CAdES
# secret = "env:SEAL_OTP"         # the program finds it in its variable ARCHIVER_SECRET
# timeout = 60

# I rapporti di versamento si possono firmare, se il manuale lo chiede. Rapporti may be signed too.
# [rdv]
# sign = true

# Allegati firmati (.p7m, .p7s, PDF): chi ha firmato, se la firma è integra, dove porta il certificato. Non blocca mai.
# Signed attachments: who signed, whether it is intact, where the certificate leads. Never blocks.
# [attachments]
# signatures = true
# anchors = ["ca-firma.pem"]      # le CA dell'elenco di fiducia / the CAs of the trusted list

# Autorità di marcatura temporale. "local" = riferimento temporale non qualificato.
# Time stamping authorities. "local" is not qualified.
# Several stand in for one another, in this order; redundant = true: a record of its own for everything.
[[tsa]]
id = "local"                      # becomes part of object names
kind = "local"
# [[tsa]]
# id = "tsa-1"
# kind = "http"
# url = "https://tsa.example.it/tsa"
# anchors = ["tsa-ca.pem"]        # the CA certificates that issued its certificate
# user = ""
# password = "env:TSA_PASSWORD"   # or certificate, key, key_password for a client certificate
# ca = "ca.pem"                   # only for a private certification authority
# proxy = "http://proxy.example.it:3128"   # with proxy_user and proxy_password if it wants them
# policy = ""                     # the OID to ask for
# tokens_per_night = 20           # never more: tokens cost money
# retired = true                  # asked no more; its old tokens are still judged
# redundant = true                # a record of its own for everything: a second proof, by another house
# digest = "sha3-512"             # what its evidence is hashed with; else sha-512
# succeeds = ["tsa-0"]            # renews what a retired one began

# Che cosa prova i certificati (CRL, OCSP, elenchi di fiducia): chiesto una volta a notte, conservato con l'archivio.
# What proves certificates: asked for once a night, kept with the archive. Nothing that comes in waits for it.
# [trust]
# fetch = $fetch                    # addresses that certificates name, over http: open the firewall for them
# ocsp = "when-no-crl"            # or "always", "never"
# proxy = "http://proxy.example.it:3128"
# allow_private = false           # true: a CA of the house, whose addresses lead inside
# lists = ["https://eidas.agid.gov.it/TL/TSL-IT.xml"]   # trusted lists to be kept: addresses or files
# algorithms = "algoritmi.toml"   # a table stricter than the catalogue: schemas/README.md

# Dove stanno gli oggetti. Where the objects lie.
[[store]]
kind = "filesystem"
path = "store"
country = "IT"
operator = "$operator"            # chi gestisce lo spazio / who runs this storage
# [[store]]                       # or a bucket, versioned, with object lock: archiver init makes and probes it
# kind = "s3"
# endpoint = "https://s3.example.it"
# region = "it-mil1"
# bucket = "pec-archivio"
# prefix = ""                     # or "studio/"
# access_key = "env:S3_ACCESS_KEY"
# secret_key = "env:S3_SECRET_KEY"
# discard_access_key = "env:S3_DISCARD_KEY"     # keys that may destroy and bypass governance, for `discard execute`
# discard_secret_key = "env:S3_DISCARD_SECRET"  # alone; not said: the same
# addressing = "path"             # or "virtual"
# checksums = "full"              # or "compat" for servers that refuse the newer ones
# lock = "governance"             # "compliance": nobody can destroy anything early, not even on a court's order
# lock_days = 60                  # at least: the lock until the volume closes; then to the end of the retention class
# ca = "ca.pem"                   # only for a private certification authority
# country = "IT"
# operator = ""
# Repliche: altri [[store]], meglio di un altro gestore e con altre chiavi; il primo è l'archivio, gli altri sue copie.
# Replicas: more [[store]], better run by somebody else, with other keys. archiver init makes them, archiver replicate
# brings what they lack; one that is down delays nothing.
# [[store]]
# id = "copia"                    # never changes; a replica that was lost is replaced by one with another id
# kind = "filesystem"             # or "s3", with the same fields as above
# path = "/mnt/copia/store"
# write = "nightly"               # or "sync": written together with the first one
# country = "IT"
# operator = ""

# La promessa: ogni oggetto di ogni copia riletto entro tanti giorni. The promise: each object of each copy read again
# [sweep]
# days = 90
# budget = "100GB"                # of one run, the oldest first; else what was not read for half of that time
# opened_days = 1460              # after so long the messages are opened again: can people still read them?
# repair = false                  # true: every sweep repairs what it can, without --repair

# Gli avvisi del mattino. The morning's alarms: archiver status --alerts
# [alarms]
# days = 30                       # sendings of so many days are watched for receipts that do not come
# fiscal_year_end = "12-31"       # when the tax year ends: fiscal classes are to be sealed 13 months later

# La notte: archiver nightly, con un timer (ops/systemd) o nel contenitore (ops/compose). The night.
# [night]
# hours = 36                      # senza una notte conclusa da tanto: avviso / alarm
# index = true                    # also reads bodies and attachments for search
# jobs = 2                        # processes that read the mailboxes, and the volumes at their seal
# Su più macchine (catalog = "postgresql://..."): archiver worker al posto di archiver nightly. Many machines.
# [engine]
# at = "02:00"                    # when the night begins, Europe/Rome
# shards = 8                      # parts into which reading again, copies and the search index are cut
# imap = 4                        # polls at once of one mail server, over all machines
# tsa = 2                         # questions at once to one time stamping authority
# patience = 30                   # minutes that a unit is tried again while a service is down
# heartbeat = 10                  # seconds; a worker without a sign of life for three of them counts as dead
# A chi dirlo: mai a una casella archiviata, meglio di un altro gestore. Whom to tell: never an archived mailbox.
# [notify.email]
# to = ["responsabile@studio.example.it"]
# from = "archivio@studio.example.it"
# host = "smtp.example.it"
# security = "starttls"           # or "tls"; "local": the mail server of this machine, in the clear
# user = "archivio"
# password = "env:SMTP_PASSWORD"  # or "file:/run/secrets/smtp"
# when = "always"                 # or "problems": then silence may also be a machine that is down
# ca = "ca.pem"                   # only for a private certification authority
# [notify.webhook]                # JSON, POST, over https
# url = "https://hook.example.it/pec"
# token = "env:HOOK_TOKEN"        # Authorization: Bearer
# [metrics]
# textfile = "/var/lib/prometheus/node-exporter/pec-archiver.prom"   # readable by everyone (0644); no personal data
# [logs]                          # of what runs unattended: on stderr, a line an event; no personal data above debug
# level = "info"                  # or "debug", "warning", "error"
# format = "json"                 # or "console"; else JSON where stderr is no terminal

# Chi può fare che cosa: utenti di questa macchina. Senza alcun [[user]] chiunque esegua il programma può tutto.
# Who may do what: users of this machine, as `id -un` says them. What guards the files are their permissions.
# [[user]]
# login = "mrossi"
# role = "responsabile"           # tutto / everything
# [[user]]                        # "operatore": the errands, no messages; "auditor": reads all, changes nothing
# login = "gverdi"
# role = "utente"                 # searches, shows and exhibits its own mailboxes only
# mailboxes = ["import"]
# [access]
# reason = true                   # search, show, evidence, export: --reason is obligatory; it is kept in the register

# Una tabella per casella. One table a mailbox.
[[mailbox]]
name = "import"                   # as commands call it: archiver ingest import
id = "$mailbox_id"                # opaque, becomes part of object names
holder = "$holder_id"
address = "$address"
class = "corrispondenza"          # one of the [retention.*] below
close_after = "1M"                # a volume closes after 1d, 7d, 1M (or 5,000 messages, or 1 GiB)
riservato = false
# path = "/var/mail/pec"          # a folder of .eml, a Maildir or an mbox, read by every `archiver ingest`
# aliases = []                    # other addresses that are this mailbox's own
# [mailbox.imap]                  # or the mailbox on its server; reading changes nothing there, not even a flag
# host = "imaps.pec.example.it"
# port = 993
# security = "tls"                # or "starttls"
# user = ""                       # as a rule the address
# password = "env:PEC_PASSWORD"   # or "file:/run/secrets/pec"; or token = ... for OAuth
# ca = "ca.pem"                   # only for a private certification authority
# folders = []                    # only these; else all but drafts and junk, trash included: receipts end there
# skip = []                       # never these
# purge = false                   # true: `archiver purge` may delete there what is proven safe here

# Classi di conservazione. Retention classes. years = 9999: for ever.
[retention.corrispondenza]
years = 10
event = "31 dicembre dell'anno di ricezione"
basis = "c.c. 2220; DPR 600/1973 art. 22"
""")

_DEMO_MARK = """
# ARCHIVIO DIMOSTRATIVO - SENZA VALORE LEGALE
# DEMONSTRATION ARCHIVE - WITHOUT LEGAL VALUE
"""

_SIGNER_FILES = """\
certificate = ""                  # .p12, or PEM with the certificate
# key = "seal.key"                # PEM with the key, when it is not in `certificate`
# password = "env:SEAL_PASSWORD"  # or "file:/run/secrets/seal"; never the password itself
anchors = []                      # files with the CA certificates that issued it
crls = []                         # its CRLs, DER or PEM
# subject = ""                    # a value of its subject; else it must carry the tax_code (or vat) below"""


def template_text(*, holder_id: str, mailbox_id: str, today: str) -> str:
    """A configuration to be filled in; the ids and the day (ISO) are given."""
    return _TEXT.substitute(
        mark="",
        demo="false",
        fetch="true ",
        manual="",
        holder_id=holder_id,
        holder_name="",
        holder_code="",
        holder_document="",
        first_name="",
        last_name="",
        person_code="",
        person_document="",
        today=today,
        signer_kind="file",
        signer_files=_SIGNER_FILES,
        signer_role="Responsabile della conservazione",
        signer_type="natural person",
        signer_name='first_name = ""\nlast_name = ""',
        signer_code="",
        signer_document="",
        operator="",
        mailbox_id=mailbox_id,
        address="",
    )


def demo_text(*, holder_id: str, mailbox_id: str, today: str) -> str:
    """The demo's configuration: complete, and marked as without legal value."""
    return _TEXT.substitute(
        mark=_DEMO_MARK,
        demo="true",
        fetch="false",
        manual="Manuale dimostrativo v. 1.0",
        holder_id=holder_id,
        holder_name="Studio Dimostrativo (senza valore legale)",
        holder_code="01234567890",
        holder_document="Atto dimostrativo, senza valore legale",
        first_name="Maria",
        last_name="Dimostrativa",
        person_code="DMSMRA80A41H501W",
        person_document="Nomina dimostrativa, senza valore legale",
        today=today,
        signer_kind="local",
        signer_files="# the embedded seal: WITHOUT LEGAL VALUE",
        signer_role="Sigillo elettronico del titolare",
        signer_type="legal person",
        signer_name='name = "Studio Dimostrativo (senza valore legale)"',
        signer_code="01234567890",
        signer_document="Sigillo dimostrativo, senza valore legale",
        operator="questa macchina",
        mailbox_id=mailbox_id,
        address="studio@pec.esempio-legale.it",
    )
