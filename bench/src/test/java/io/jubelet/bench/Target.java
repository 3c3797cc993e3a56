/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.OptionalDouble;

/** An upper bound for a metric. */
sealed interface Target {
    /** The bound; empty if it depends on a floor that was not measured. */
    OptionalDouble bound(OptionalDouble floor);

    /** The text in the table. */
    String text(Unit unit);

    /** An absolute bound for the machine on which the targets were set; other machines give other values. */
    record AtMost(double value) implements Target {
        @Override
        public OptionalDouble bound(OptionalDouble floor) {
            return OptionalDouble.of(value);
        }

        @Override
        public String text(Unit unit) {
            String number = value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
            return "<= " + number + " " + unit.symbol();
        }
    }

    /** A bound that exceeds the floor of the same run by a constant. */
    record FloorPlus(double more) implements Target {
        @Override
        public OptionalDouble bound(OptionalDouble floor) {
            return floor.isPresent() ? OptionalDouble.of(floor.getAsDouble() + more) : OptionalDouble.empty();
        }

        @Override
        public String text(Unit unit) {
            return "<= floor + " + (long) more + " " + unit.symbol();
        }
    }

    /** A multiple of the floor of the same run. */
    record FloorTimes(double factor) implements Target {
        @Override
        public OptionalDouble bound(OptionalDouble floor) {
            return floor.isPresent() ? OptionalDouble.of(floor.getAsDouble() * factor) : OptionalDouble.empty();
        }

        @Override
        public String text(Unit unit) {
            return "<= " + factor + " x floor";
        }
    }
}
