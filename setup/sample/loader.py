"""Stages of the loading: languages, charts of accounts, files, then the story."""

import gc
from datetime import timedelta
from itertools import groupby

import freezegun
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

from . import clock, files, story

MODULE = "sample"  # of all external IDs
TODAY = "sample.today"  # parameter: the day that the offsets count from
TIMEZONE = "Asia/Shanghai"
LANGUAGES = ("en_US", "zh_CN")
CHART = "cn"
NEWS = timedelta(days=2)  # what is older has been read
FOUNDED = "@-700d 09:00"  # when master data is entered
ADDONS = ("l10n_cn", "sales_visit", "sales_receivable", "freight_booking")


def stopwatch():
    """Return seconds of the real time, whatever the injected clock says."""
    return freezegun.api.real_perf_counter()


class SampleError(Exception):
    """What is wrong with the files or the database, in a sentence."""


def load(options, host_options):
    """Load the sample as the command line says."""
    arguments = ["-d", options.database, "--no-http", *host_options]
    if options.config:
        arguments += ["-c", options.config]
    config.parse_config(arguments, setup_logging=True)
    try:
        data = files.read_all(options.data)
    except ValueError as error:
        raise SampleError(str(error)) from error
    registry = Registry(options.database)
    gc.freeze()  # the registry stays: collecting garbage needn't look at it again
    with registry.cursor() as cr, clock.Clock(TIMEZONE) as injected:
        env = api.Environment(cr, SUPERUSER_ID, {})
        Loader(env, injected, data).run(options.stop_after)


class Loader:
    """Loads the files into a database, stage by stage, each in transactions.

    What is done is known by the external IDs that the same transaction wrote: of the
    imported records and, for the steps of the story, of the documents they made.
    """

    def __init__(self, env, injected, data):
        self.env = env
        self.clock = injected
        self.files = data
        self.done = set()
        self.today = None

    def run(self, stop_after=None):
        """Do the stages that are not done, up to a stage's number if one is given."""
        self._check_database()
        self.today = self._find_today()
        self.done = set(
            self.env["ir.model.data"].search([("module", "=", MODULE)]).mapped("name")
        )
        stages = self._stages()
        start = stopwatch()
        for number, (title, run, *arguments) in enumerate(stages, 1):
            began = stopwatch()
            print(f"[{number}/{len(stages)}] {title} …", end="", flush=True)
            run(*arguments)
            self._commit()
            print(f" {stopwatch() - began:.1f} s", flush=True)
            if number == stop_after:
                return
        print(f"Sample company of {self.today} in {stopwatch() - start:.0f} s")

    def _stages(self):
        """Return ``(title, function, *arguments)`` of every stage."""
        stages = [("languages", self._load_languages)]
        for file in self.files:
            if not file.is_dated:
                stages.append((file.name, self._load_file, file))
            if file.model == "res.company" and not file.about:
                stages.append(("charts of accounts", self._load_charts))
        months = groupby(self._timeline(), key=lambda item: item[0].strftime("%Y-%m"))
        for month, items in months:
            stages.append((f"story of {month}", self._tell, list(items)))
        stages.append(("inboxes", self._read_inboxes))
        return stages

    # Stages

    def _check_database(self):
        """Refuse a database that lacks addons or is somebody's.

        :raises SampleError: with what to do
        """
        installed = self.env["ir.module.module"]._installed()
        missing = [name for name in ADDONS if name not in installed]
        if missing:
            raise SampleError(f"install {', '.join(missing)} first")
        begun = self.env["ir.config_parameter"].get_param(TODAY)
        if not begun and self.env["account.move"].search_count([], limit=1):
            raise SampleError("this database has entries: load into a new one")

    def _find_today(self):
        """Return the day of the first start: a run that goes on must not shift it."""
        parameters = self.env["ir.config_parameter"]
        if not parameters.get_param(TODAY):
            now = freezegun.api.real_datetime.now(self.clock.timezone)
            parameters.set_param(TODAY, now.date().isoformat())
            self._commit()
        return freezegun.api.real_date.fromisoformat(parameters.get_param(TODAY))

    def _load_languages(self):
        installed = dict(self.env["res.lang"].get_installed())
        for code in LANGUAGES:
            if code not in installed:
                self.env["res.lang"]._activate_and_install_lang(code)

    def _load_charts(self):
        for company in self.env["res.company"].search([]):
            if company.chart_template != CHART:
                self.env["account.chart.template"].try_loading(CHART, company)

    def _load_file(self, file):
        """Import a file of master data in one transaction."""
        marker = f"done_{file.name}"
        if marker in self.done:
            return
        self._set_clock(clock.parse(FOUNDED, self.today))
        by_company = groupby(file.records, lambda record: file.cell(record, "company"))
        for company, records in by_company:
            self._import(file, list(records), "", company)
        self._remember(marker, self.env.company)

    def _tell(self, items):
        """Replay a part of the timeline, a transaction each day."""
        items = [item for item in items if item[2] not in self.done]
        days = groupby(items, key=lambda item: item[0].date())
        for _day, todays in days:
            for (file, _day_again, by, company), batch in groupby(todays, _batch_key):
                entries = list(batch)
                records = [entry[3] for entry in entries]
                if file.model != "story":
                    self._set_clock(entries[0][0])
                    self._import(file, records, by, company)
                    continue
                for moment, _file, name, record in entries:
                    self._set_clock(moment)
                    self._step(file, name, record)
            self._commit()

    def _read_inboxes(self):
        """Let people have read what is no news any more."""
        unread = self.env["mail.notification"].search(
            [
                ("is_read", "=", False),
                ("mail_message_id.date", "<", self.today - NEWS),
            ]
        )
        unread.write({"is_read": True})

    # Parts of stages

    def _timeline(self):
        """Return ``(moment, file, id, record)`` of all dated files in order of time."""
        items = [
            (
                clock.parse(file.cell(record, "at"), self.today),
                file,
                file.cell(record, "id"),
                record,
            )
            for file in self.files
            if file.is_dated
            for record in file.records
        ]
        items.sort(key=lambda item: item[0])  # stable: else as in the files
        return items

    def _environment(self, by, company):
        """Return the environment of a person, or the system, working in a company."""
        user = self._ref(by) if by else self.env.ref("base.user_root")
        if not company:
            company = user.company_id if by else self.env["res.company"].search([])
        context = {
            **self.env(user=user.id)["res.users"].context_get(),
            "tz": TIMEZONE,
            "allowed_company_ids": company.ids,
        }
        return self.env(user=user.id, su=not by, context=context)

    def _import(self, file, records, by, company):
        """Import records through the host's own import."""
        env = self._environment(by, company and self._ref(company))
        if file.lang:
            env = env(context={**env.context, "lang": file.lang})
        # New users get no invitation: they have passwords, and no mail leaves.
        model = env[file.model].with_context(module=MODULE, no_reset_password=True)
        result = model.load(file.columns, file.rows(records, self.today))
        if not result["ids"]:
            reasons = "; ".join(str(m["message"]) for m in result["messages"])
            first = file.cell(records[0], "id")
            raise SampleError(f"{file.name}, from {first} on: {reasons}")
        if file.model == "res.config.settings":
            for settings in model.browse(result["ids"]):
                settings.execute()

    def _step(self, file, name, record):
        """Do one step of the story, in the company of its document."""
        document = story.resolve(self.env, file.cell(record, "on"))
        company = document["company_id"] if "company_id" in document._fields else None
        env = self._environment(file.cell(record, "by"), company)
        values = story.arguments(env, file.cell(record, "with"), self.today)
        step = story.Step(env, file.cell(record, "do"), document.with_env(env), values)
        try:
            made = step.run()
        except (UserError, AttributeError, ValueError) as error:
            raise SampleError(f"{file.name}, {name}: {error}") from error
        self._remember(name, made[:1] or document)
        # What the host does before committing, it does in the name of this person.
        self.env.cr.flush()

    def _ref(self, name):
        return self.env.ref(name if "." in name else f"{MODULE}.{name}")

    def _remember(self, name, record):
        """Give a record an external ID."""
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}]
        )

    def _set_clock(self, moment):
        self.clock.set(self.env, moment)

    def _commit(self):
        self.env.cr.commit()
        self.env.registry.signal_changes()
        gc.collect()  # the host searches all environments of a transaction, over and over


def _batch_key(item):
    """What consecutive items must share to be imported together."""
    moment, file, _name, record = item
    return file, moment.date(), file.cell(record, "by"), file.cell(record, "company")
