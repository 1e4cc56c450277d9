"""The command line tells what a name resolves to, and why not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placement.cli.catalog import catalog


def run(*args: str) -> Result:
    return CliRunner().invoke(catalog, list(args))


def fields(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return {line[:18].strip(): line[18:] for line in result.stdout.splitlines()}


def test_an_accelerator_and_why() -> None:
    shown = fields(run("find", "NVIDIA-H100-80GB-HBM3"))
    assert shown["accelerator"] == "H100-SXM5-80GB"
    assert shown["vendor"] == "NVIDIA"
    assert shown["TPP"] == "15,832"
    assert shown["decided by"] == "fp8, int8 (TF32 counted as 19 bits)"
    assert shown["perf. density"] == "19.45"
    assert shown["memory bandwidth"] == "3,350 GB/s"
    assert shown["data centre"] == "yes"
    assert shown["confidence"] == "high"
    assert "Kubernetes" in shown["name known from"]


def test_notes_and_unsourced_fields() -> None:
    assert "could be A100-SXM4-40GB" in fields(run("find", "A100"))["note"]
    assert fields(run("find", "A10G"))["without a source"] == "tf32, fp16, int8, int4, tdp_w"
    shown = fields(run("find", "Ascend 910D"))
    assert "no published rate; supply tpp" in shown["refused"]
    assert "decided by" not in shown


def test_countries_instances_and_regions() -> None:
    assert fields(run("find", "NA")) == {"country": "NA", "name": "Namibia"}
    assert fields(run("find", "g6f.large"))["count"] == "1/8"
    assert fields(run("find", "v5p-8"))["count"] == "4"
    shown = fields(run("find", "us-east-1-qro-1a", "--provider", "amazon"))
    assert (shown["country"], shown["kind"]) == ("MX (Mexico)", "local-zone")


def test_every_reading_of_a_name_is_shown() -> None:
    output = run("find", "fra", "--provider", "vultr").stdout
    assert "France" in output
    assert "DE (Germany)" in output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("H100",), "H100-NVL-94GB (TPP 13,368)"),
        (("Georgia",), "GE for the country"),
        (("H100-SXN5-80GB",), "did you mean 'H100-SXM5-80GB'"),
        (("us-east-1",), "no accelerator is called"),
        (("us-east-1-xyz-1", "--provider", "aws"), "another country"),
        (("L4", "--provider", "acme"), "no provider is called 'acme'"),
    ],
)
def test_what_does_not_resolve_exits_2_and_speaks_on_stderr(
    args: tuple[str, ...], said: str
) -> None:
    result = run("find", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


def test_control_characters_are_not_echoed() -> None:
    result = run("find", "bad\x1b[31m\x07")
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    assert "\x07" not in result.output


def test_a_config_gives_names_and_figures(tmp_path: Path) -> None:
    config = tmp_path / "placement.toml"
    config.write_text('[aliases]\n"our box" = "B200"\n', "utf-8")
    (tmp_path / "accelerators.csv").write_text("accelerator,tpp,source\nX1,5000,us\n", "utf-8")
    found = run("find", "our box", "--config", str(config))
    assert "accelerator       B200" in found.stdout
    assert "note: X1: added by your accelerators.csv" in found.stderr
    assert "\nX1 " in run("list", "--config", str(config)).stdout


def test_list() -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0].split()[:3] == ["model", "vendor", "TPP"]
    assert any(line.startswith("Ascend 910D") and " none " in line for line in lines)
    assert len(lines) > 100


def test_help_has_an_example_on_its_own_line() -> None:
    lines = run("find", "--help").stdout.splitlines()
    assert "    placement catalog find p5.48xlarge --provider aws" in lines


def test_nothing_heavy_is_imported() -> None:
    script = (
        "import sys, placement.cli.catalog\n"
        "assert not any(m.startswith('placement.catalog') for m in sys.modules)\n"
        "import placement.catalog as c; c.load_catalog().find('L4'); c.country('US')\n"
        "heavy = {'polars', 'pandas', 'numpy', 'pulp', 'highspy', 'pydantic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
