"""Have a service read as an agent of its own, without any right on the agent.

A service's agent belongs to Google, and is told apart by the project's number. Only those are asked about that some
policy names: what an agent may do that nobody bound to a role, no list tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.access import NEVER, Decision, Edge
from cloudscan.access.conditions import ALWAYS, Condition, Unseen, all_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import MediaClass
from cloudscan_gcp.policy.members import Caller, normal
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import Scene, worth_telling


@dataclass(frozen=True, slots=True)
class _Agent:
    """A service: the permission that starts it, the address of its agent, and what is not known of it ("" if all is).

    ``source`` names the document that says that the agent does it.
    """

    call: str
    address: str
    does: str
    source: str
    unsure: str = ""
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()


AGENTS = (
    _Agent(
        "storagetransfer.jobs.create",
        "project-{number}@storage-transfer-service.iam.gserviceaccount.com",
        "copy into a bucket of their own what it reads",
        "Storage Transfer Service: Agentless transfer permissions",
        reads_only=True,
    ),
    _Agent(
        "aiplatform.customJobs.create",
        "service-{number}@gcp-sa-aiplatform-cc.iam.gserviceaccount.com",
        "run a training job that names no account, and so runs as it",
        "Vertex AI: Access control, Custom Code Service Agent",
    ),
    _Agent(
        "cloudbuild.builds.create",
        "{number}@cloudbuild.gserviceaccount.com",
        "run a build as it",
        "Cloud Build: Default service account",
        unsure="whether builds may run as the legacy account of Cloud Build was not read",
    ),
    _Agent(
        "transcoder.jobs.create",
        "service-{number}@gcp-sa-transcoder.iam.gserviceaccount.com",
        "have recordings transcoded into a bucket of their own that it reads",
        "Transcoder API: Access control with IAM",
        reads_only=True,
        media=(MediaClass.SPEECH, MediaClass.VIDEO),
    ),
    *(
        _Agent(
            f"contactcenterinsights.conversations.{verb}",
            "service-{number}@gcp-sa-contactcenterinsights.iam.gserviceaccount.com",
            "have Contact Center AI Insights analyse recordings that it reads",
            "Contact Center AI Insights: Service agents",
            unsure="whether Insights reads recordings as its agent, and not as who asks, is not documented",
            reads_only=True,
            media=(MediaClass.SPEECH, MediaClass.VIDEO),
        )
        for verb in ("create", "upload")
    ),
    _Agent(
        "speech.recognizers.recognize",
        "service-{number}@gcp-sa-speech.iam.gserviceaccount.com",
        "have recordings transcribed that it reads",
        "Speech-to-Text: Cloud Speech-to-Text Service Agent",
        unsure="whether Speech-to-Text reads recordings as its agent, and not as who asks, is not documented",
        reads_only=True,
        media=(MediaClass.SPEECH, MediaClass.VIDEO),
    ),
)


def served(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may have a service act as its agent."""
    known = {normal(caller.name): caller for caller in scene.facts.people.known}
    for agent in AGENTS:
        found = (each for project in scene.facts.resources.projects for each in _found(scene, agent, project, known))
        yield from _edges(scene, agent, list(found))


def _edges(scene: Scene, agent: _Agent, found: list[Found]) -> Iterator[Edge]:
    projects = {
        target: project for project in scene.facts.resources.projects if (target := _name(scene, agent, project))
    }

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        way = _way(scene, agent, scene.caller(source), projects[normal(target)])
        return f"{source} may {agent.does}: {target} ({agent.source})", (way,)

    only = agent.reads_only
    sort = Sort(agent.call, changes=not only, reads_only=only, media=agent.media)
    yield from edges(sort, found, scene, explain)


def _found(scene: Scene, agent: _Agent, project: str, known: dict[str, Caller]) -> Iterator[Found]:
    target = known.get(_name(scene, agent, project))
    if target is None:
        return
    matter = scene.facts.matter(agent.call, scene.on_project(project).nodes)
    for crowd in scene.crowds([matter]):
        condition = needed(_way(scene, agent, crowd.one, project))
        if worth_telling(crowd.one, condition):
            yield Found(tuple(caller.name for caller in crowd.callers), (target.name,), condition)


def _way(scene: Scene, agent: _Agent, caller: Caller, project: str) -> Way:
    unsure: Condition = Unseen(agent.unsure) if agent.unsure else ALWAYS
    part = scene.ask(caller, agent.call, scene.on_project(project))
    condition = all_of((part.decision.condition, unsure))
    return (part,) if condition is NEVER else (part, Part("", agent.address, Decision(unsure)))


def _name(scene: Scene, agent: _Agent, project: str) -> str:
    account = scene.facts.resources.project(project)
    number = account.unique_id if account else ""
    return normal(f"serviceAccount:{agent.address.format(number=number)}") if number else ""
