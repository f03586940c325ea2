"""One cycle: mail comes, objects rot, errands run into faults; then all is mended, and nothing may be wrong."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

from support.beset import messages_of

from soaking import faults, rotting
from soaking.rotting import Rotten
from soaking.tally import Tally
from soaking.world import Said, World

ERRANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ingest": (("ingest",), ("ingest", "--jobs", "1")),
    "seal": (("seal", "--now"),),
    "renew": (("renew", "--hash", "sha3-512"), ("renew", "--horizon", "90d")),
    "replicate": (("replicate",),),
    "sweep": (
        ("sweep", "--all"), ("sweep", "--all", "--repair"), ("sweep", "--budget", "1MB", "--repair"),
        ("sweep", "--all", "--deep"),
    ),
}  # fmt: skip
FULL = ("sweep", "--all", "--repair")
HEALING = (("ingest",), ("replicate",), FULL, ("seal", "--now"), ("replicate",))
"""What a good night does, the repair before anything is built on what may be damaged."""
ALLOWED = {0, 1, 2, 3}
"""Of a command in trouble: done, some of it failed, not by this clock, try again."""


@dataclass
class Soak:
    """The world, the dice and what came of it; `tell` says what happens."""

    world: World
    dice: Random
    tally: Tally
    tell: Callable[[str], None]

    def prepare(self) -> None:
        """The first mail, in peace; how long each errand takes."""
        self.tally.messages += self.world.send(self.dice)
        for errand in ERRANDS:
            self._peaceful(*ERRANDS[errand][0])
        self._heal([])

    def cycle(self) -> None:
        """Mail, rot, errands in trouble, and all is healed."""
        self.tally.cycles += 1
        harms = self._rot()
        for _ in range(self.dice.randrange(3, 6)):
            self.tally.messages += self.world.send(self.dice)
            errand = self.dice.choice(sorted(ERRANDS))
            self._troubled(errand, self.dice.choice(ERRANDS[errand]))
        self._heal(harms)

    def end(self) -> None:
        """Compares everything with what was sent."""
        archive = self.world.archive
        self._peaceful("replicate")
        self._peaceful("sweep", "--all", "--deep")
        for text in archive.complaints():
            self.tally.complain(text)
        self._count()

    def _rot(self) -> list[Rotten]:
        harms = rotting.rotten(self.world, self.dice, self.dice.choice((0, 2, 4, 6, 8)))
        for harm in harms:
            self.tell(f"{harm.kind} {harm.store} {harm.name}")
            self.tally.faults[harm.kind] += 1
            self.tally.damages += 1
        return harms

    def _troubled(self, errand: str, command: tuple[str, ...]) -> None:
        found = [faults.drawn(self.world, self.dice, errand)]
        if self.dice.random() < 0.5:
            found.append(faults.drawn(self.world, self.dice, errand))
        # two of one kind would undo each other
        chosen = list({fault.kind: fault for fault in found}.values())
        with ExitStack() as stack:
            for fault in chosen:
                stack.enter_context(faults.at_work(fault))
            kill = next((fault.plan.kill for fault in chosen if fault.plan.kill), 0.0)
            clock = next((fault.plan.clock for fault in chosen if fault.plan.clock), "")
            after = max(0.05, kill * self.world.times.get(errand, 2.0)) if kill else None
            said = self.world.run(*command, clock=clock, kill=after, own=self.dice.random() < 0.2)
        for fault in chosen:
            happened = said.killed if fault.plan.kill else fault.struck(said.code)
            if happened:
                self.tally.faults[fault.kind] += 1
            self.tell(f"{' '.join(command)}: {fault.kind} {fault.about}{'' if happened else ' (not met)'}")
        self._look(said)

    def _look(self, said: Said) -> None:
        """What must not come of a command, whatever happened."""
        self.tally.commands += 1
        self.tally.codes[f"{said.command[0]} {'killed' if said.killed else said.code}"] += 1
        self.tell(f"    {said.seconds:.1f} s, exit {said.code}: {said.err.strip()[:300]}")
        if said.killed:
            return
        if said.code not in ALLOWED or "Traceback" in said.err:
            self.tally.complain(str(said))
        elif said.code and not (said.err.strip() or said.out.strip()):
            self.tally.complain(f"{said}: says nothing")

    def _peaceful(self, *command: str) -> Said:
        said = self.world.run(*command)
        self._look(said)
        self.world.times[command[0]] = min(said.seconds, self.world.times.get(command[0], 60.0))
        if said.code:
            self.tally.complain(f"in peace: {said}")
        return said

    def _heal(self, harms: list[Rotten]) -> None:
        """A good night; what was damaged must be found and right again, and then nothing must be open."""
        told = []
        for command in HEALING:
            said = self.world.run(*command)
            self._look(said)
            told.append(said)
        swept = next(said for said in told if said.command == FULL)
        named = {(row["store"], row["name"]) for row in swept.json.get("repairs", ())}
        named |= {tuple(row["subject"].split(": ", 1)) for row in swept.json.get("findings", ())}
        for harm in harms:
            self._judge(harm, named, swept)
        for harm in harms:
            if harm.mend:
                harm.mend()
        self.tally.repaired += sum(self._right(harm) for harm in harms)
        after = self._peaceful(*FULL)
        for row in after.json.get("findings", ()):
            if row["severity"] in ("error", "doubt"):
                self.tally.complain(f"still open: {row['subject']}: {row['text']}")
        if after.json.get("unsafe"):
            self.tally.complain(f"{after.json['unsafe']} messages are not safe")
        self._settled()

    def _judge(self, harm: Rotten, named: set[tuple[str, ...]], swept: Said) -> None:
        """Found: named by the full sweep, or repaired before it came to it."""
        right = self._right(harm)
        if (harm.store, harm.name) in named or (right and not harm.mend):
            self.tally.found += 1
        else:
            self.tally.complain(f"{harm.kind} {harm.store} {harm.name} ({rotting.kind_of(harm.name)}): not found")
        if not (right or harm.mend):
            self.tally.complain(f"{harm.kind} {harm.store} {harm.name}: not repaired: {swept}")

    def _right(self, harm: Rotten) -> bool:
        return rotting.is_right(self.world.archive.opened.stores[harm.store], harm)

    def _settled(self) -> None:
        """The catalog knows every message, and all of it is sealed."""
        status = self.world.run("status").json
        wanted = (len(self.world.archive.post.sent), 0)
        if (status.get("messages"), status.get("pending")) != wanted:
            found = status.get("messages"), status.get("pending")
            self.tally.complain(f"messages and pending: expected {wanted}, found {found}")

    def _count(self) -> None:
        """Every message on every store, once."""
        archive = self.world.archive
        for id, store in archive.opened.stores.items():
            kept = Counter(digest for digest, _ in messages_of(store))
            lost = archive.post.sent.keys() - kept.keys()
            twice = [digest for digest, count in kept.items() if count > 1]
            self.tally.lost += len(lost)
            self.tally.duplicated += len(twice)
            for digest in lost:
                self.tally.complain(f"{id}: lost: {digest}")
            for digest in (*twice, *(kept.keys() - archive.post.sent.keys())):
                self.tally.complain(f"{id}: kept {kept[digest]} times: {digest}")
