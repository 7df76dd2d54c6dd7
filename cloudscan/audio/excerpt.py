"""The part of an object that was read: some bytes of its head, perhaps of its tail, and its true size."""

from dataclasses import dataclass
from typing import Final, Self

# Reading more than this of an object changes no answer; it bounds the work on whatever is handed in.
HEAD_LIMIT: Final = 64 * 1024
TAIL_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A sparse view of an object, addressed by the object's own offsets."""

    head: bytes
    tail: bytes
    size: int | None
    part: bytes = b""
    part_start: int = 0

    @classmethod
    def of(cls, head: bytes, tail: bytes | None, size: int | None, tail_start: int | None = None) -> Self:
        """An excerpt cut to the limits; a head that is the whole object is its own tail.

        A size that contradicts the head is dropped: the object changed between listing and reading. A tail with a
        start that does not reach the end of the object is a part of its middle.
        """
        if size is None or size < len(head):
            # Without a size nobody knows where the tail belongs.
            return cls(head[:HEAD_LIMIT], b"", None)
        if size == len(head):
            tail = head
        tail = tail or b""
        if tail_start is not None and tail_start + len(tail) < size:
            return cls(head[:HEAD_LIMIT], b"", size, tail[:TAIL_LIMIT], tail_start)
        return cls(head[:HEAD_LIMIT], tail[-min(size, TAIL_LIMIT) :] if size else b"", size)

    def at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`: fewer, or none, where they were not read."""
        if self.size is not None and start >= self.size - len(self.tail):
            inside = start - (self.size - len(self.tail))
            return self.tail[inside : inside + length]
        if self.part and 0 <= start - self.part_start < len(self.part):
            return self.part[start - self.part_start : start - self.part_start + length]
        return self.head[start : start + length]

    def rest(self, start: int) -> int | None:
        """Bytes from `start` to the end of the object, None where the size is unknown."""
        return None if self.size is None else max(0, self.size - start)
