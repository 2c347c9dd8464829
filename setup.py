"""Packaging; tool settings live in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
[VERSION] = re.findall(
    r'__version__ = "(.+?)"', (HERE / "chatservice/__init__.py").read_text(encoding="utf-8")
)

PROMETHEUS = "prometheus-client>=0.21,<1"

setup(
    name="chatservice",
    version=VERSION,
    description="Real-time chat for people who share a network",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    # "." spelled out: with it, an editable install also shows twisted/plugins to twistd.
    package_dir={"": "."},
    packages=find_namespace_packages(include=["chatservice*", "urwidclient*", "twisted.plugins"]),
    package_data={"chatservice": ["py.typed", "storage/migrations/*.sql"]},
    install_requires=[
        "twisted[tls]>=24.11,<27",
        "netifaces-plus>=0.12.5,<0.13",
        "ntplib>=0.4,<0.5",
        "wsproto>=1.2,<2",
        "argon2-cffi>=25.1,<26",
        "urwid>=4.0.11,<6",
        "emoji>=2.14,<3",
    ],
    extras_require={
        "metrics": [PROMETHEUS],
        "test": [
            "pytest>=8.4,<10",
            "pytest-twisted==1.14.3",
            "pytest-xdist>=3.8,<4",
            "hypothesis>=6,<7",
            "pyte>=0.8.2,<0.9",
            "coverage>=7,<8",
            PROMETHEUS,
            "setuptools>=77",
        ],
        "lint": ["ruff>=0.15,<1", "mypy>=1.18,<3", "mypy-zope>=1.0.13,<2"],
    },
    entry_points={
        "console_scripts": [
            "chatclient=urwidclient.__main__:main",
            "chatctl=chatservice.chatctl.__main__:main",
        ]
    },
)
