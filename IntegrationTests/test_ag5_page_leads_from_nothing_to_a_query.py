"""docs/databases.md, pasted: authority, agent and PostgreSQL from nothing, a query, the end of what was revoked."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness import documents
from harness.authority_process import Hierarchy
from harness.databases import IS_ROOT, KEY, PostgreSQL, open_folder, paths
from harness.ports import free_port
from harness.tools import COUNTERSIGN, countersign

DOCUMENT = "databases.md"
# The programs of the system, for a cluster in a folder: the service manager, and the administrator's way in.
PRELUDE = """
systemctl() {{ (cd /; {as_user} pg_ctl -D {data} -l {folder}/log -w start >/dev/null); }}
sudo() {{ shift 3; env -u PGHOSTADDR psql -h {folder} -p {port} -U admin -d postgres -At "$@"; }}
end() {{ kill $(jobs -p); cd /; {as_user} pg_ctl -D {data} -m immediate -w stop; wait; }}
trap end EXIT
"""


@pytest.fixture
def cluster():
    """A cluster as Debian makes them: a folder for further files, and lines for users with passwords."""
    with open_folder() as folder:
        made = PostgreSQL(folder / "postgresql")
        made.configure("include_dir = 'conf.d'\n", "host all all 127.0.0.1/32 scram-sha-256\n", "# none\n")
        (made.data / "conf.d").mkdir(mode=0o755)
        yield made


def follow(cluster, work, extra=""):
    """Runs the section's blocks, and what a test adds, in a folder with what the ceremony makes."""
    hierarchy = Hierarchy()
    saved = hierarchy.save(work / "pki")
    for name, path in (("intermediate.pem", saved["cert_path"]), ("intermediate-key.pem", saved["key_path"])):
        os.rename(path, work / "pki" / name)
    (work / "pki" / "root.crl").write_text(hierarchy.root.revocation_list())
    settings = {"CONF": cluster.data, "DATA": cluster.data, "CERTS": cluster.folder.parent / "certs"}
    settings |= {"OWNER": KEY.get("owner", Path.home().owner()), "PORT": cluster.port}
    script = documents.script(
        DOCUMENT, "From nothing to a query", **{name: str(each) for name, each in settings.items()}
    )
    for port in ("8444", "8480", "9090", "9091"):
        script = re.sub(rf":{port}\b", f":{free_port()}", script)
    as_user = "runuser -u nobody --" if IS_ROOT else ""
    prelude = PRELUDE.format(as_user=as_user, data=cluster.data, folder=cluster.folder, port=cluster.port)
    done = subprocess.run(
        ["bash", "-c", prelude + script + extra],
        cwd=work,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PATH": f"{Path(COUNTERSIGN).parent}:{paths()}:{os.environ['PATH']}"},
    )
    logs = "".join(path.read_text()[-3000:] for path in work.glob("*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    return done.stdout


AFTERWARDS = """
# Another open connection of the certificate that was revoked is ended, and its successor is let in.
until test "$(eval "$psql -Atc 'SELECT 42'" 2>&1)" = 42; do sleep 0.2; done
# Doing it again changes nothing.
before=$(cat $CONF/conf.d/countersign.conf $CONF/pg_hba.conf $CONF/pg_ident.conf)
countersign infra params postgresql.conf orders-db --config agent.yaml --output $CONF/conf.d/countersign.conf
test "$(cat $CONF/conf.d/countersign.conf | grep -vc '^#')" = 6
echo "hba: $(grep -c hostssl $CONF/pg_hba.conf)"
"""


@pytest.mark.timeout(180)
def test_every_block_of_the_page_works_as_it_stands(cluster, tmp_path):
    said = follow(cluster, tmp_path, AFTERWARDS).splitlines()
    assert "orders_rw" in said and "hba: 1" in said, said
    [revoked] = [line.split()[0] for line in said if line.endswith(" revoked")]
    assert int(revoked, 16)


def test_number_of_the_page_is_what_the_command_prints():
    shown = re.search(
        r"\$ countersign (infra terminate \w+) --config agent.yaml\n((?:.*;\n)+)", documents.text(DOCUMENT)
    )
    asked, printed = shown.groups()
    done = countersign(*asked.split())
    assert (done.returncode, done.stdout) == (0, printed)


def test_swift_code_of_the_page_is_in_the_example():
    example = (documents.DOCS.parent / "Examples/Services/Sources/redis-client/main.swift").read_text()
    [shown] = re.findall(r"```swift\nimport CountersignNIO\n\n(.*?)```", documents.text(DOCUMENT), re.DOTALL)
    assert shown in example
