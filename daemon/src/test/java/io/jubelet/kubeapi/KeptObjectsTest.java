/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeptObjectsTest {

    private static final int LARGE = (int) (KeptObjects.MAX_WEIGHT / 4);

    private record Thing(int weight, boolean required) {}

    private long maxRequiredWeight = KeptObjects.MAX_REQUIRED_WEIGHT;

    private final KeptObjects<Thing> kept = new KeptObjects<>(new Retention<>() {
        @Override
        public int weight(Thing thing) {
            return thing.weight();
        }

        @Override
        public boolean isRequired(Thing thing) {
            return thing.required();
        }

        @Override
        public long maxRequiredWeight() {
            return maxRequiredWeight;
        }
    });

    private void put(String uid, boolean isNew) {
        kept.put(uid, Optional.of(new Thing(LARGE, false)), isNew);
    }

    @Test
    void keepsWhatFitsAndCountsTheRest() {
        for (int i = 0; i < 4; i++) {
            put("u" + i, true);
        }
        assertEquals(4, kept.size());
        assertEquals(0, kept.skipped());
        put("u4", true);
        assertEquals(4, kept.size());
        assertEquals(1, kept.skipped());
        assertFalse(kept.hasRoom());
        kept.put("ours", Optional.of(new Thing(LARGE, true)), true);
        assertTrue(kept.copy().containsKey("ours"));
    }

    @Test
    void requiredObjectsHaveALimitOfTheirOwn() {
        int all = (int) ((KeptObjects.MAX_WEIGHT + KeptObjects.MAX_REQUIRED_WEIGHT) / LARGE);
        for (int i = 0; i <= all; i++) {
            kept.put("u" + i, Optional.of(new Thing(LARGE, true)), true);
        }
        assertEquals(all, kept.size());
        assertEquals(1, kept.skipped());
    }

    @Test
    void theLimitOfRequiredObjectsGrowsWithTheirNumber() {
        maxRequiredWeight = 2 * KeptObjects.MAX_REQUIRED_WEIGHT;
        int all = (int) ((KeptObjects.MAX_WEIGHT + maxRequiredWeight) / LARGE);
        for (int i = 0; i <= all; i++) {
            kept.put("u" + i, Optional.of(new Thing(LARGE, true)), true);
        }
        assertEquals(all, kept.size());
    }

    @Test
    void whatWasSkippedIsKeptWhenItChangesAndThereIsRoom() {
        for (int i = 0; i < 6; i++) {
            put("u" + i, true);
        }
        assertEquals(2, kept.skipped());
        put("u5", false);
        assertEquals(2, kept.skipped());
        kept.remove("u0");
        put("u5", false);
        assertEquals(1, kept.skipped());
        kept.remove("u4");
        assertEquals(0, kept.skipped());
        for (int i = 1; i < 4; i++) {
            kept.remove("u" + i);
        }
        assertTrue(kept.hasRoom());
        assertEquals(1, kept.size());
    }

    @Test
    void anObjectThatGrowsTooLargeIsSkipped() {
        put("u", true);
        kept.put("u", Optional.of(new Thing((int) KeptObjects.MAX_WEIGHT + 1, false)), false);
        assertEquals(0, kept.size());
        assertEquals(1, kept.skipped());
    }
}
