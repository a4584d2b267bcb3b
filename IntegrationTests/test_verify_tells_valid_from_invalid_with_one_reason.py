"""`countersign verify`: exit 0 valid, 1 invalid with one reason, 2 unusable arguments; in agreement with OpenSSL."""

import json

import pytest

from harness.defects import DEFECTS, SOUND, chain_text
from harness.pki import SERVER_AUTH, Authority, ec_key, minutes_from_now, pem_of, subject
from harness.tools import countersign, run

SERVER_ONLY = [defect for defect in DEFECTS if defect.name not in ("server_certificate_only", "code_signing_only")]


@pytest.fixture(scope="module")
def root():
    return Authority.root("Platform Root")


@pytest.fixture
def verify(tmp_path, root):
    """Runs the command on a leaf; options are the command's own, with `_` for `-`."""

    def run_it(leaf, roots=None, **options):
        (tmp_path / "roots.pem").write_text((roots or root).pem)
        (tmp_path / "leaf.pem").write_text(leaf.pem)
        (tmp_path / "intermediates.pem").write_text(chain_text(leaf))
        arguments = ["--roots", tmp_path / "roots.pem", "--leaf", tmp_path / "leaf.pem"]
        if leaf.intermediates:
            arguments += ["--intermediates", tmp_path / "intermediates.pem"]
        for name, values in options.items():
            for value in values if isinstance(values, list) else [values]:
                arguments += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
        return countersign("verify", *arguments)

    return run_it


@pytest.mark.parametrize("name", SOUND)
def test_sound_chain_is_valid(verify, root, name):
    done = verify(SOUND[name](root), purpose="client")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_defect_is_invalid_with_its_reason(verify, root, defect):
    done = verify(defect.mint(root), purpose="client", json=True)
    assert done.returncode == 1, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert [value for value in flatten(answer) if value in defect.reasons], answer


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_reason_is_one_line_for_people(verify, root, defect):
    done = verify(defect.mint(root), purpose="client")
    assert done.returncode == 1
    assert len(done.stdout.strip().splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("name", [defect.name for defect in DEFECTS if defect.openssl_verify_fails] + list(SOUND))
def test_openssl_agrees(verify, root, tmp_path, name):
    mint = {defect.name: defect.mint for defect in DEFECTS} | SOUND
    leaf = mint[name](root)
    ours = verify(leaf, purpose="client").returncode
    arguments = ["openssl", "verify", "-CAfile", tmp_path / "roots.pem", "-purpose", "sslclient", "-x509_strict"]
    arguments += ["-untrusted", tmp_path / "intermediates.pem"] if leaf.intermediates else []
    theirs = run(*arguments, tmp_path / "leaf.pem").returncode
    assert (ours == 0) == (theirs == 0)


def test_purpose_decides(verify, root):
    server = root.leaf("server", dns=["server.example"], purposes=[SERVER_AUTH])
    assert verify(server, purpose="server").returncode == 0
    assert verify(server, purpose="client").returncode == 1


# name as certified, name as asked for, whether it matches
NAMES = [
    (dict(dns=["a.example"]), "dns:a.example", True),
    (dict(dns=["a.example"]), "dns:A.Example", True),
    (dict(dns=["a.example"]), "dns:b.example", False),
    (dict(dns=["*.example.com"]), "dns:a.example.com", True),
    (dict(dns=["*.example.com"]), "dns:a.b.example.com", False),
    (dict(dns=["*.example.com"]), "dns:example.com", False),
    (dict(dns=["a*.example.com"]), "dns:ab.example.com", False),
    (dict(ips=["192.0.2.1"]), "ip:192.0.2.1", True),
    (dict(ips=["192.0.2.1"]), "ip:192.0.2.2", False),
    (dict(dns=["192.0.2.1"]), "ip:192.0.2.1", False),
    (dict(ips=["2001:db8::1"]), "ip:2001:0db8:0::1", True),
    (dict(emails=["a@example.com"]), "email:a@example.com", True),
    (dict(emails=["a@example.com"]), "email:b@example.com", False),
]


@pytest.mark.parametrize("names, asked, matches", NAMES)
def test_name_decides(verify, root, names, asked, matches):
    leaf = root.leaf(subject(("CN", "a.example")), **names)
    assert verify(leaf, purpose="server", name=asked).returncode == (0 if matches else 1)


def test_common_name_is_no_name(verify, root):
    leaf = root.leaf(subject(("CN", "a.example")), dns=["b.example"])
    assert verify(leaf, purpose="server", name="dns:a.example").returncode == 1


SPIFFE = "spiffe://cluster.local/ns/default/sa/shop"


@pytest.mark.parametrize(
    "uris, asked, status",
    [
        ([SPIFFE], SPIFFE, 0),
        ([SPIFFE], SPIFFE + "s", 1),
        ([SPIFFE], "spiffe://Cluster.local/x", 2),
        ([], SPIFFE, 1),
        ([SPIFFE, SPIFFE + "2"], SPIFFE, 1),
    ],
)
def test_spiffe_id_decides(verify, root, uris, asked, status):
    assert verify(root.leaf("service", uris=uris), spiffe_id=asked).returncode == status


def test_time_decides(verify, root):
    leaf = root.leaf("short", lifetime=(-5, 60))
    for minutes, status in ((0, 0), (30, 0), (61, 1), (-6, 1)):
        moment = minutes_from_now(minutes).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert verify(leaf, time=moment).returncode == status, moment


def test_revocation_list_decides(verify, root, tmp_path):
    revoked, kept = root.leaf("revoked"), root.leaf("kept")
    path = tmp_path / "revoked.crl"
    path.write_text(root.revocation_list(revoked))
    assert verify(kept, crl=path).returncode == 0
    done = verify(revoked, crl=path, json=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["reason"] == "revoked"


@pytest.mark.parametrize("lifetime, key", [((-120, -60), None), ((-5, 60), ec_key())], ids=["expired", "forged"])
def test_revocation_list_that_cannot_be_used_makes_the_chain_invalid(verify, root, tmp_path, lifetime, key):
    path = tmp_path / "unusable.crl"
    path.write_text(root.revocation_list(lifetime=lifetime, key=key))
    done = verify(root.leaf("kept"), crl=path, json=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["reason"] == "crl_unusable"


def test_depth_decides(verify, root):
    deep = SOUND["two_intermediates"](root)
    assert verify(deep, max_depth="1").returncode == 1
    assert verify(deep, max_depth="2").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--leaf", "absent.pem"],
        ["--roots", "absent.pem", "--leaf", "absent.pem"],
        ["--nonsense"],
        ["--roots", "{roots}", "--leaf", "{text}"],
        ["--roots", "{text}", "--leaf", "{leaf}"],
        ["--roots", "{roots}", "--leaf", "{leaf}", "--time", "yesterday"],
        ["--roots", "{roots}", "--leaf", "{leaf}", "--purpose", "juggling"],
        ["--roots", "{roots}", "--leaf", "{leaf}", "--name", "a.example"],
        ["--roots", "{roots}", "--leaf", "{leaf}", "--max-depth", "-1"],
        ["--roots", "{roots}", "--leaf", "{leaf}", "--crl", "absent.crl"],
    ],
    ids=lambda arguments: " ".join(arguments) or "none",
)
def test_unusable_arguments_are_told_from_an_invalid_chain(root, tmp_path, arguments):
    files = {"roots": root.pem, "leaf": root.leaf("leaf").pem, "text": "hello\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = countersign(
        "verify", *(word.format(**{name: tmp_path / name for name in files}) for word in arguments), cwd=tmp_path
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr


@pytest.mark.parametrize(
    "option, value",
    [
        ("--leaf", "{leaf}"),
        ("--purpose", "server"),
        ("--time", "2030-01-01T00:00:00Z"),
        ("--spiffe-id", "spiffe://a/b"),
        ("--max-depth", "1"),
    ],
)
def test_option_that_counts_once_is_not_given_twice(root, tmp_path, option, value):
    (tmp_path / "roots").write_text(root.pem)
    (tmp_path / "leaf").write_text(root.leaf("leaf").pem)
    leaf = [] if option == "--leaf" else ["--leaf", "leaf"]
    value = value.format(leaf="leaf")
    once = countersign("verify", "--roots", "roots", *leaf, option, value, cwd=tmp_path)
    assert "more than once" not in once.stderr
    for second in ([option, value], [f"{option}={value}"]):
        done = countersign("verify", "--roots", "roots", *leaf, option, value, *second, cwd=tmp_path)
        assert done.returncode == 2
        assert f"{option} is given more than once" in done.stderr


def flatten(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in flatten(item)]
    return [value]


@pytest.mark.parametrize("revoking_first", [True, False])
def test_every_list_counts_when_several_are_given(verify, root, tmp_path, revoking_first):
    middle = root.intermediate("Issuer")
    revoked, kept = middle.leaf("revoked"), middle.leaf("kept")
    paths = [tmp_path / "issuer.crl", tmp_path / "root.crl"]
    paths[0].write_text(middle.revocation_list(revoked))
    paths[1].write_text(root.revocation_list())
    paths = paths if revoking_first else paths[::-1]
    assert verify(kept, crl=paths).returncode == 0
    done = verify(revoked, crl=paths)
    assert done.returncode == 1 and "revoked" in done.stdout


def test_roots_and_intermediates_of_several_files_count_together(verify, root, tmp_path):
    other = Authority.root("Other Root")
    middle = other.intermediate("Other Issuer").intermediate("Other Sub-Issuer")
    leaf = middle.leaf("x").without_intermediates()
    assert verify(leaf).returncode == 1
    parts = []
    for index, certificate in enumerate(middle.parents):
        (tmp_path / f"part{index}.pem").write_text(pem_of(certificate))
        parts.append(tmp_path / f"part{index}.pem")
    assert len(parts) == 2
    (tmp_path / "other.pem").write_text(other.pem)
    assert verify(leaf, roots=root, intermediates=parts).returncode == 1
    more = ["--roots", tmp_path / "other.pem", "--intermediates", parts[0], "--intermediates", parts[1]]
    options = ["--roots", tmp_path / "roots.pem", *more]
    done = countersign("verify", *options, "--leaf", tmp_path / "leaf.pem")
    assert done.returncode == 0, done.stdout + done.stderr
    done = countersign("verify", *options[:-2], "--leaf", tmp_path / "leaf.pem")
    assert done.returncode == 1


def test_certificate_without_a_subject_is_called_by_another_name(verify, root):
    leaf = root.leaf(subject(), dns=["web.example"])
    assert "web.example" in verify(leaf).stdout
    done = verify(leaf, name="dns:other.example")
    assert done.returncode == 1 and "'web.example'" in done.stdout
    bare = root.leaf(subject())
    assert f"{bare.certificate.serial_number:x}" in verify(bare).stdout
