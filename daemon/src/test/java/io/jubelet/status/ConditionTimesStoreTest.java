/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static io.jubelet.status.PodViews.second;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConditionTimesStoreTest {

    private final Map<String, String> disk = new HashMap<>();
    private final ConditionTimesStore conditionTimes =
            new ConditionTimesStore(uid -> Optional.ofNullable(disk.get(uid)), disk::put);

    private PodReport first(PodViews view) {
        return conditionTimes.withConditionTimes(PodReport.first(view.build()));
    }

    private PodReport next(PodReport before, PodViews view) {
        return conditionTimes.withConditionTimes(before.next(view.build()));
    }

    private static Instant since(PodReport report, String type) {
        return PodStatusBuilder.build(report, List.of()).conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .map(PodStatus.Condition::lastTransition)
                .findFirst()
                .orElseThrow();
    }

    private static PodViews pair() {
        return pod("p", "a", "b").sandbox();
    }

    @Test
    void storesNothingForSimplePod() {
        PodReport report = first(pod("p", "a").sandbox().running("a", 0, 3));
        assertEquals(Optional.empty(), report.conditionTimes());
        assertEquals(Map.of(), disk);
    }

    @Test
    void storesNothingThatFactsShow() {
        PodReport report = next(first(pair()), pair().running("a", 0, 3).running("b", 0, 4));
        assertEquals(second(4), since(report, "Ready"));
        assertEquals(Map.of(), disk);
    }

    @Test
    void secondFailureIsNoTransition() {
        PodReport ready = first(pair().running("a", 0, 3).running("b", 0, 4));
        PodReport failed = next(ready, pair().exited("a", 0, 1, 10).running("b", 0, 4));
        assertEquals(second(10), since(failed, "Ready"));
        // The first runs again, but meanwhile the second has failed.
        PodViews later = pair().exited("a", 0, 1, 10).running("a", 1, 15).exited("b", 0, 1, 12);
        assertEquals(second(10), since(next(failed, later), "Ready"));
        assertEquals(second(10), since(first(later), "Ready"), "after a restart of the daemon");
        PodViews again = pair().exited("a", 0, 1, 10)
                .running("a", 1, 15)
                .exited("b", 0, 1, 12)
                .running("b", 1, 20);
        assertEquals(second(20), since(next(next(failed, later), again), "ContainersReady"));
        assertEquals(second(20), since(first(again), "ContainersReady"), "after a restart of the daemon");
    }

    @Test
    void usesFactsForChangesDuringDowntime() {
        PodReport ready = first(pair().running("a", 0, 3).running("b", 0, 4));
        PodReport failed = next(ready, pair().exited("a", 0, 1, 10).running("b", 0, 4));
        next(failed, pair().exited("a", 0, 1, 10).running("a", 1, 15).exited("b", 0, 1, 12));
        PodReport restarted = first(pair().exited("a", 0, 1, 10)
                .running("a", 1, 15)
                .exited("b", 0, 1, 12)
                .running("b", 1, 30));
        assertEquals(second(30), since(restarted, "Ready"));
    }

    @Test
    void readySinceProbesSucceeded() {
        PodReport unready = first(probed(false).at(5));
        assertEquals(
                Optional.empty(),
                first(pod("p", "a").probed().sandbox().running("a", 0, 3)).conditionTimes());
        PodReport ready = next(unready, probed(true).at(9));
        assertEquals(second(9), since(ready, "Ready"));
        assertEquals(second(9), since(next(ready, probed(true).at(30)), "Ready"));
        assertEquals(second(9), since(first(probed(true).at(40)), "Ready"), "after a restart of the daemon");
        assertEquals(second(50), since(next(ready, probed(false).at(50)), "Ready"));
    }

    @Test
    void storesUnreadyContainers() {
        PodReport unready = first(probed(false).at(5));
        ConditionTimes noted = ConditionTimes.parse(disk.get(unready.uid())).orElseThrow();
        assertEquals(Optional.of(new ContainerHealth(true, false, Optional.empty())), noted.health("a"));
        assertEquals(Optional.empty(), noted.health("b"), "nothing is known of it");
        next(unready, probed(true).at(9));
        ConditionTimes later = ConditionTimes.parse(disk.get(unready.uid())).orElseThrow();
        assertEquals(Optional.of(ContainerHealth.WITHOUT_PROBES), later.health("a"));
    }

    @Test
    void storesUnstartedContainers() {
        PodReport starting =
                first(pod("p", "a").probed().sandbox().running("a", 0, 3).health("a", 0, false, false));
        ConditionTimes noted = ConditionTimes.parse(disk.get(starting.uid())).orElseThrow();
        assertEquals(Optional.of(new ContainerHealth(false, false, Optional.empty())), noted.health("a"));
    }

    private static PodViews probed(boolean ready) {
        return pod("p", "a").probed().sandbox().running("a", 0, 3).health("a", 0, true, ready);
    }

    @Test
    void startTimeSurvivesFirstSandbox() {
        ConditionTimes.Transition mark = new ConditionTimes.Transition(true, second(1));
        ConditionTimes stored = new ConditionTimes(second(0), mark, mark, mark, List.of(), List.of());
        disk.put(PodReport.first(pair().build()).uid(), stored.text());
        PodReport report = first(pair().running("a", 0, 3).running("b", 0, 4));
        assertEquals(
                Optional.of(second(0)),
                PodStatusBuilder.build(report, List.of()).startTime());
        assertEquals(second(1), since(report, "Ready"));
    }

    @Test
    void waitsForRuntimeBeforeComparing() {
        assertEquals(Optional.empty(), first(pair().runtimeProblem("no answer")).conditionTimes());
        assertEquals(Optional.empty(), first(pod("p", "a", "b")).conditionTimes());
    }

    @Test
    void ignoresMalformedText() {
        assertEquals(Optional.empty(), ConditionTimes.parse(""));
        assertEquals(Optional.empty(), ConditionTimes.parse("a b c d e f g"));
        ConditionTimes.Transition mark = new ConditionTimes.Transition(false, second(1));
        ConditionTimes stored = new ConditionTimes(
                second(0), mark, mark, new ConditionTimes.Transition(true, second(2)), List.of("a"), List.of("b", "c"));
        assertEquals(Optional.of(stored), ConditionTimes.parse(stored.text()));
        String older = stored.text().replace(" a b,c", "");
        assertEquals(
                Optional.of(new ConditionTimes(
                        second(0), mark, mark, new ConditionTimes.Transition(true, second(2)), List.of(), List.of())),
                ConditionTimes.parse(older),
                "written before names were noted");
    }
}
