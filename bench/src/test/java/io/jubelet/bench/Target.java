package io.jubelet.bench;

import java.util.OptionalDouble;

/** What a figure must not exceed. */
sealed interface Target {
    /** The bound, if what it refers to was measured. */
    OptionalDouble bound(OptionalDouble floor);

    /** As the table shows it. */
    String text(Unit unit);

    /** A value for the machine the targets were set on; another machine gives other figures. */
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

    /** The floor of this run and so much more. */
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

    /** So many times the floor of this run. */
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
