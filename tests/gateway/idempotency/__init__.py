"""Tests of services/gateway/idempotency"""
