/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.Pod;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods that run and whose manifests change. */
class AdmissionOfUpdatesTest extends AdmittedPods {

    // --- updates

    @Test
    void anUpdateDoesNotConflictWithItsOldVersion() {
        listed();
        Pod old = onPort("a", "old", "", 80, Protocol.TCP);
        start(old);
        want(onPort("a", "new", "", 80, Protocol.TCP));
        assertEquals("", turn("a", Optional.of(old)));
        runtime.remove(name("a"));
        assertEquals("", turn("a"));
    }

    @Test
    void anUpdateThatIsRejectedKeepsTheReservationOfTheOldVersion() {
        listed();
        Pod old = onPort("a", "old", "", 80, Protocol.TCP);
        start(old);
        start(onPort("b", 81));
        want(onPort("a", "new", "", 81, Protocol.TCP));
        assertEquals("NodePorts", turn("a", Optional.of(old)));
        want(onPort("c", 80));
        assertEquals("NodePorts", turn("c"), "the old version still has it");
    }

    @Test
    void anUpdateDoesNotWaitForAPodThatWaitsForItsOldVersion() {
        listed();
        Pod old = onPort("b", 80);
        start(old);
        want(onPort("a", 80));
        assertEquals("NodePorts", turn("a"));
        want(onPort("b", "new", "", 80, Protocol.TCP));
        assertEquals("", turn("b", Optional.of(old)));
        assertEquals("NodePorts", turn("a"));
    }

    @Test
    void anUpdateDoesNotBeginIfAnotherPodCannotReleaseThePort() {
        listed();
        Pod a = onPort("a", 80);
        Pod b = onPort("b", 81);
        start(a);
        start(b);
        start(onPort("c", 82));
        want(onPort("b", 82));
        assertEquals("NodePorts", turn("b", Optional.of(b)), "c has it");
        want(onPort("a", 81));
        assertEquals("NodePorts", turn("a", Optional.of(a)), "b keeps it");
        gone("c");
        assertEquals("", turn("a", Optional.of(a)), "now b can release it");
        assertEquals("", turn("b", Optional.of(b)));
    }

    @Test
    void aPromiseLapsesWhenTheOtherPodIsToKeepThePortAfterAll() {
        listed();
        Pod a = onPort("a", 80);
        Pod b = onPort("b", 81);
        start(a);
        start(b);
        wanted.remove(b.name()); // so that its port becomes free
        assertEquals("", turn("b", Optional.of(b)));
        want(onPort("a", 81));
        assertEquals("", turn("a", Optional.of(a)));
        runtime.remove(a.name()); // stopped for it
        assertEquals("NodePorts", turn("a"), "it is still in use");
        want(onPort("b", "again", "", 81, Protocol.TCP)); // before b was stopped
        assertEquals("NodePorts", turn("b", Optional.of(b)), "it was promised to a");
        assertTrue(woken.contains(a.name()));
        assertEquals("NodePorts", turn("a"));
        assertEquals("", turn("b", Optional.of(b)));
        runtime.remove(b.name());
        assertEquals("", turn("b"), "no other pod was given the port meanwhile");
        assertEquals("NodePorts", turn("a"));
    }

    @Test
    void twoPodsCanSwapPorts() {
        listed();
        Pod oldA = onPort("a", "a-old", "", 80, Protocol.TCP);
        Pod oldB = onPort("b", "b-old", "", 81, Protocol.TCP);
        start(oldA);
        start(oldB);
        want(onPort("a", "a-new", "", 81, Protocol.TCP), onPort("b", "b-new", "", 80, Protocol.TCP));
        assertEquals("NodePorts", turn("a", Optional.of(oldA)), "the worker of b has not read its new manifest yet");
        woken.clear();
        assertEquals("", turn("b", Optional.of(oldB)), "a is about to release its port");
        assertTrue(woken.contains(name("a")));
        assertEquals("", turn("a", Optional.of(oldA)));
        runtime.remove(name("a"));
        assertEquals("NodePorts", turn("a"), "the old version of b still lives");
        runtime.remove(name("b"));
        assertEquals("", turn("b"));
        assertEquals("", turn("a"));
    }
}
