"""What does AWS call that which a use of a port needs? Rights on resources, and settings.

A use that no table here knows is a KeyError: say what it needs.
"""

from tests.infra.reach import Use

Right = tuple[str, str]  # an action, and what it may be done to

_HERE = "${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
_SECRET = "arn:" + _HERE % "secretsmanager" + "secret:"
_EXECUTIONS = "arn:" + _HERE % "states" + "execution:${SettlementMachine.Name}:*"
_LOGS = "arn:" + _HERE % "logs" + "log-group:/aws/lambda/${AWS::StackName}-*"
_ON_TABLE = {
    "get": {"GetItem"},
    "get_many": {"BatchGetItem"},
    "query": {"Query"},
    "query_each": {"Query"},
    "write": set[str](),  # says nothing without the writes that it is given
    "Put": {"PutItem"},
    "Update": {"UpdateItem"},
    "Delete": {"DeleteItem"},
    "Require": {"ConditionCheckItem"},
}
_LISTS = ("s3:ListBucket", "Files.Arn")  # without it, S3 answers 403 for a file that is not there
_GETS = ("s3:GetObject", "${Files.Arn}/*")
_ON_FILES: dict[str, set[Right]] = {
    "names": {_LISTS},
    "read": {_GETS, _LISTS},
    "seal": {("s3:PutObject", "${Files.Arn}/*"), _GETS, _LISTS},  # a taken name is read
}
_MAIL_LISTS = ("s3:ListBucket", "BankMailbox.Arn")
_MAIL_SENT = ("s3:GetObject", "${BankMailbox.Arn}/out/*")
_ON_MAILBOX: dict[str, set[Right]] = {
    "put": {("s3:PutObject", "${BankMailbox.Arn}/out/*"), _MAIL_SENT, _MAIL_LISTS},
    "was_put": {_MAIL_SENT, _MAIL_LISTS},
    "answers": {_MAIL_LISTS},
    "read": {("s3:GetObject", "${BankMailbox.Arn}/in/*"), _MAIL_LISTS},
}
_ON_SECRET = {
    "read": {"GetSecretValue"},
    "write": {"CreateSecret", "PutSecretValue"},
    "delete": {"DeleteSecret"},
}
# Whose secrets a room keeps, by the beginning of their names.
_SECRETS_OF = {
    "bank": "bank-details/*",
    "connection": "ocpi/*",
    "event": "webhook-endpoint/*",
    "payment": "payment-form/*",
    "webhook_endpoint": "webhook-endpoint/*",
}
_WITHOUT_KEPT_TOKEN = {"discover", "register"}  # of ports.cpos: they are given the token
_RUNS: set[Right] = {
    ("states:StartExecution", "SettlementMachine"),
    ("states:DescribeExecution", _EXECUTIONS),
}

_STRIPE = {"STRIPE_SECRET_NAME", "STRIPE_API_BASE"}
ALWAYS = {"TABLE", "FILES_BUCKET", "PUBLIC_URL", "CLOCK_FILE", "ALLOW_PRIVATE_URLS"}
ALWAYS |= {"POWERTOOLS_LOG_LEVEL"}
_SETTINGS = {
    "personal": {"PERSONAL_TABLE"},
    "personal_salt": {"PERSONAL_SALT_NAME"},
    "payments": _STRIPE,
    "payouts": _STRIPE,
    "mailbox": {"BANK_BUCKET"},
    "bank_messages": {"BANK_ACCOUNT_SECRET_NAME"},
    "rates": {"RATES_URL"},
    "settings": {"SETTLE_WAIT_S"},
    "machine": {"SETTLEMENT_MACHINE_ARN"},
    "payment_events": {"STRIPE_WEBHOOK_SECRET_NAME"},
}


def _reads(name: str) -> Right:
    return "secretsmanager:GetSecretValue", _SECRET + name


_STRIPE_KEY: set[Right] = {_reads("${StripeSecretName}-??????")}
_WHATEVER_METHOD: dict[str, set[Right]] = {
    "payments": _STRIPE_KEY,
    "payouts": _STRIPE_KEY,
    "bank_messages": {_reads("${BankAccountSecretName}-??????")},
    "payment_events": {_reads("${StripeWebhookSecretName}-??????")},
    "personal_salt": {_reads("${PersonalSaltName}-??????")},
    "machine": _RUNS,
    # AWS has no part in these; the wiring's `ports` and `settings` do nothing by themselves.
    **{name: set() for name in ("clock", "ids", "web", "rates", "public_url", "ports", "settings")},
}


def settings_of(use: Use) -> set[str]:
    return _SETTINGS.get(use.method if use.port == "wiring" else use.port, set())


def rights_of(use: Use) -> set[Right]:
    match use.port, use.method:
        case (("store" | "write"), method):
            return _table("Table", method)
        case "personal", method:  # a person's record is replaced whole
            return _table("PersonalTable", "Update" if method == "write" else method)
        case ("files" | "mailbox") as bucket, method:
            return (_ON_FILES if bucket == "files" else _ON_MAILBOX)[method]
        case "secrets", method:
            name = _SECRET + _SECRETS_OF[use.module.split(".")[2]]
            return {(f"secretsmanager:{action}", name) for action in _ON_SECRET[method]}
        case ("cpos" | "emsps") as side, method:
            kept = "ocpi/*" if side == "cpos" else "ocpi/emsp/*"
            return set() if method in _WITHOUT_KEPT_TOKEN else {_reads(kept)}
        case _:
            return _WHATEVER_METHOD[use.method if use.port == "wiring" else use.port]


def rights_to_run(*, streamed: bool) -> set[Right]:
    """What Lambda itself does in a function's name: write logs, read the stream, set aside."""
    rights = {("logs:CreateLogStream", _LOGS), ("logs:PutLogEvents", _LOGS)}
    if streamed:
        reads = ("DescribeStream", "GetRecords", "GetShardIterator")
        rights |= {(f"dynamodb:{action}", "Table.StreamArn") for action in reads}
        rights |= {("dynamodb:ListStreams", "*"), ("sqs:SendMessage", "EffectsFailed.Arn")}
    return rights


def _table(name: str, method: str) -> set[Right]:
    return {(f"dynamodb:{action}", f"{name}.Arn") for action in _ON_TABLE[method]}
