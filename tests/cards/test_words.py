from cards import words
from config.crosscheck import KNOWN_ROLES


def test_every_role_of_the_packaged_forms_has_a_name():
    assert not [role for role in KNOWN_ROLES if words.role(role) == role]
    assert words.role("own_role") == "own_role"
