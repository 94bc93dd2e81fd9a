"""The documentation of a visit: progress notes and tasks, in versions, so that nothing newer is overwritten unseen."""

from __future__ import annotations

from signaling.domain import values
from signaling.domain.access import Action
from signaling.domain.visit import Visit
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, Documentation, TaskOutcome, Unit
from signaling.protocol import codec
from signaling.protocol.resources import DocumentationPut, DocumentationView, TaskOutcomePut
from signaling.services.asker import Asker
from signaling.services.registers import checked
from signaling.services.viewing import require, require_visit, stamp


def _view(value: Documentation) -> DocumentationView:
    return DocumentationView(
        version=value.version,
        notes=value.notes,
        tasks=[TaskOutcomePut(task=o.task, done=o.done, reason=o.reason) for o in value.tasks],
        saved_at=stamp(value.saved_at),
        saved_by=value.saved_by,
    )


def _outcomes(visit: Visit, body: DocumentationPut) -> tuple[TaskOutcome, ...]:
    known = {task.id for task in visit.tasks}
    named = [outcome.task for outcome in body.tasks]
    if len(set(named)) != len(named) or not set(named) <= known:
        raise Refused(Code.VALIDATION_FAILED, "tasks must be tasks of the visit, each once.", field="tasks")
    return tuple(
        TaskOutcome(outcome.task, outcome.done, checked("reason", values.check_notes, outcome.reason))
        for outcome in body.tasks
    )


class Documenting:
    """Reads and saves documentation."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def documentation(self, asker: Asker, visit_id: str) -> DocumentationView:
        """The latest version. Raises Refused(NOT_FOUND, FORBIDDEN)."""

        def work(unit: Unit) -> DocumentationView:
            require(asker, Action.READ_DOCUMENTATION, require_visit(unit, visit_id).value, None)
            return _view(unit.visits.documentation(visit_id))

        return await self._db.read(work)

    async def save(self, asker: Asker, visit_id: str, body: DocumentationPut) -> DocumentationView:
        """Save a new version over `body.version`.

        Raises Refused(STALE) with the present one as `current` if another was saved meanwhile; a repeat of the
        save whose answer was lost is answered, not refused.
        """
        now = self._clock.now()
        notes = checked("notes", values.check_notes, body.notes)

        def work(unit: Unit) -> DocumentationView:
            visit = require_visit(unit, visit_id).value
            require(asker, Action.DOCUMENT, visit, None)
            outcomes = _outcomes(visit, body)
            current = unit.visits.documentation(visit_id)
            same = (current.notes, current.tasks) == (notes, outcomes)
            if same and current.version in {body.version, body.version + 1}:
                return _view(current)
            if current.version != body.version:
                raise Refused(Code.STALE, current=codec.plain(_view(current)))
            saved_by = None if asker.employee is None else asker.employee.id
            saved = Documentation(visit_id, current.version + 1, notes, outcomes, now, saved_by)
            unit.visits.save_documentation(saved)
            return _view(saved)

        return await self._db.write(work)
