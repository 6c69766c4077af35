"""Tests of services/gateway/limits"""
