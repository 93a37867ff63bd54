"""All worlds by name."""
import worlds_boundary
import worlds_consent
import worlds_contract
import worlds_lists
import worlds_random
import worlds_sequence


def fixed_worlds():
    """Worlds that do not depend on a seed."""
    yield from worlds_boundary.find_worlds()
    yield from worlds_consent.find_worlds()
    yield from worlds_lists.find_worlds()
    yield from worlds_sequence.find_worlds()


def all_worlds(seed, random_count):
    yield from worlds_contract.find_worlds(seed)
    yield from fixed_worlds()
    yield from worlds_random.find_worlds(seed, random_count)
