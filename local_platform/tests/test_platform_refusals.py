"""What is refused before anything is started, in one line."""

from pathlib import Path

import pytest
import requests

from local_platform.cli import main
from local_platform.dagster_api import DagsterApi, DagsterApiError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STARROCKS_HOST", "STARROCKS_QUERY_PORT", "STARROCKS_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)


def refusal(capsys: pytest.CaptureFixture[str], tmp_path: Path, directory: Path) -> str:
    report = tmp_path / "reports" / "report.json"
    assert main(["demo", f"--directory={directory}", f"--report={report}"]) == 1
    return capsys.readouterr().err


def test_the_demo_empties_no_folder_of_somebody_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "home" / "work" / "thesis.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("years")
    assert refusal(capsys, tmp_path, tmp_path / "home") == (
        f"local-platform: {tmp_path / 'home'} holds something else than an earlier demo: "
        "give an empty --directory\n"
    )
    assert kept.read_text() == "years"


def test_the_demo_empties_what_an_earlier_one_left(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "demo" / "logs" / "warehouse.log"
    log.parent.mkdir(parents=True)
    log.write_text("")
    monkeypatch.setenv("STARROCKS_QUERY_PORT", "many")
    assert refusal(capsys, tmp_path, tmp_path / "demo") == (
        "local-platform: STARROCKS_QUERY_PORT=many is not a port: set 1 to 65535, or unset it\n"
    )
    assert not log.exists()


def test_a_bad_port_of_another_warehouse_names_the_variable(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STARROCKS_HOST", "warehouse.example")
    monkeypatch.setenv("STARROCKS_HTTP_PORT", "70000")
    assert refusal(capsys, tmp_path, tmp_path / "demo") == (
        "local-platform: STARROCKS_HTTP_PORT=70000 is not a port: set 1 to 65535, or unset it\n"
    )


def test_a_report_that_cannot_be_written_is_found_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "reports").write_text("a file")
    assert refusal(capsys, tmp_path, tmp_path / "demo").startswith("local-platform: [Errno 17] ")


def test_checks_that_dagster_cannot_tell_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response._content = (
            b'{"data": {"assetNodes": [{"assetKey": {"path": ["retail_raw", "raw_orders"]},'
            b' "assetChecksOrError": {"__typename": "AssetCheckNeedsMigrationError"}}]}}'
        )
        return response

    monkeypatch.setattr(requests.Session, "post", answer)
    with pytest.raises(DagsterApiError) as error:
        DagsterApi("http://dagster").checks()
    assert str(error.value) == "checks of retail_raw.raw_orders: AssetCheckNeedsMigrationError"
