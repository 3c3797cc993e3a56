/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Helpers for the tests of all modules: waiting for a condition, and a clock for time limits. They know nothing of the
 * classes under test.
 */
package io.jubelet.testing;
