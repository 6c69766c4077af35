"""Tests of libs/common/web."""
