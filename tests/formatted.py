"""Run one input through a format as a run does, chunk by chunk, without workers."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path

from stripper import Stripper
from stripper.io.format import BadRecord, Chunk, Format, FormatOptions, Record
from stripper.io.formats import writable
from stripper.io.pages import strip_record


@dataclass
class Done:
    """What a run through a format gave."""

    chunks: list[Chunk] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)


def convert(
    source: Path,
    target: Path,
    form: Format,
    stripper: Stripper,
    to: str | None = None,
    options: FormatOptions | None = None,
) -> Done:
    """Strip the records of `source` into `target`."""
    options = options or FormatOptions()
    writer = writable(to or form.written_as)
    done = Done()
    parts = []
    for found in form.chunks(source, options):
        if isinstance(found, BadRecord):
            done.bad.append(found)
            continue
        chunk = pickle.loads(pickle.dumps(found))
        part = target.with_name(f"{target.name}.{chunk.number}.part")
        done.chunks.append(chunk)
        out = writer.part(part, options)
        for record in form.records(source, chunk, options):
            if isinstance(record, BadRecord):
                done.bad.append(record)
                continue
            done.records.append(record)
            out.add(record, strip_record(stripper, record)[0])
        out.close()
        parts.append(part)
    writer.join(parts, target, options)
    for part in parts:
        part.unlink()
    return done
