/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Fuzzers: what reads text from outside runs on mutated input. {@link io.jubelet.fuzz.FuzzTarget}
 * says what must hold for every input, and {@link io.jubelet.fuzz.Jazzer} searches for an input with
 * which it does not. The targets are beside the code that they test.
 */
package io.jubelet.fuzz;
