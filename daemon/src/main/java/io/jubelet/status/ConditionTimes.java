/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.reconcile.PodView;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * When the conditions of a pod last changed, where the facts of the runtime do not tell: a
 * container became ready by its probe, a pod was unready before its second container failed, or the
 * first sandbox of a start is gone. Also lists the containers that run and are not ready, which the
 * next daemon cannot know otherwise. Pure.
 *
 * @param began when the daemon first acted on this version
 * @param sandbox of PodReadyToStartContainers
 * @param initialized of Initialized
 * @param ready of Ready and ContainersReady
 * @param starting names of containers that run and have not started yet according to their startup
 *     probes
 * @param unready names of containers that have started and are not ready
 */
public record ConditionTimes(
        Instant began,
        Transition sandbox,
        Transition initialized,
        Transition ready,
        List<String> starting,
        List<String> unready) {

    /** Written in place of an empty list of names. */
    private static final String NONE = "-";

    /** A status, and since when it has been so, in whole seconds as in the API. */
    public record Transition(boolean status, Instant since) {
        public Transition {
            since = since.truncatedTo(ChronoUnit.SECONDS);
        }

        /**
         * Returns this if the status is the same, otherwise the newer one, since {@code when} if
         * given.
         */
        private Transition updated(Transition newer, Optional<Instant> when) {
            return newer.status() == status ? this : new Transition(newer.status(), when.orElse(newer.since()));
        }

        private Transition orSame(Transition known) {
            return known.status() == status ? known : this;
        }
    }

    public ConditionTimes {
        began = began.truncatedTo(ChronoUnit.SECONDS);
        Objects.requireNonNull(sandbox, "sandbox");
        Objects.requireNonNull(initialized, "initialized");
        Objects.requireNonNull(ready, "ready");
        starting = List.copyOf(starting);
        unready = List.copyOf(unready);
    }

    /** Whether the facts of the runtime might not tell when the conditions of a pod changed. */
    static boolean needed(PodView view) {
        Optional<Pod> shown = view.shown();
        return shown.isPresent()
                && (shown.get().spec().containers().size() > 1
                        || !shown.get().spec().initContainers().isEmpty()
                        || view.observed().sandboxes().size() > 1
                        || shown.get().spec().hasProbes());
    }

    /**
     * Whether stored times cannot be compared with a view yet, because the runtime or a probe has
     * not responded.
     */
    static boolean tooEarly(PodView view) {
        if (view.runtimeProblem().isPresent() || starting(view)) {
            return true;
        }
        for (ContainerSpec container : view.shown().orElseThrow().spec().containers()) {
            Optional<ObservedContainer> newest = view.observed().newest(PodReport.uid(view), container.name());
            boolean probed = !container.probes().any()
                    || newest.isEmpty()
                    || !(newest.get().state() instanceof ObservedContainer.State.Running)
                    || view.health().containsKey(newest.get().id());
            if (!probed) {
                return true;
            }
        }
        return false;
    }

    /** Whether the runtime does not show the sandbox and its addresses yet. */
    private static boolean starting(PodView view) {
        List<ObservedSandbox> sandboxes =
                view.observed().version(PodReport.uid(view)).sandboxes();
        return sandboxes.isEmpty()
                || (sandboxes.getFirst().ready()
                        && sandboxes.getFirst().ips().isEmpty()
                        && !view.shown().orElseThrow().spec().hostNetwork());
    }

    /**
     * Returns the times after another view.
     *
     * @param facts the times according to the runtime, for that view
     */
    ConditionTimes updated(ConditionTimes facts, PodView view) {
        boolean probed = view.shown().orElseThrow().spec().hasProbes();
        // The runtime knows nothing of probes. Of everything else it knows the time better than
        // this daemon.
        Optional<Instant> seen = probed ? Optional.of(view.at()) : Optional.empty();
        return new ConditionTimes(
                began.isBefore(facts.began) ? began : facts.began,
                sandbox.updated(facts.sandbox, Optional.empty()),
                initialized.updated(facts.initialized, seen),
                ready.updated(facts.ready, seen),
                facts.starting,
                facts.unready);
    }

    /**
     * Returns these times, which are facts of the runtime, with stored ones where the status is the
     * same.
     */
    ConditionTimes mergedWith(ConditionTimes stored) {
        return new ConditionTimes(
                stored.began.isBefore(began) ? stored.began : began,
                sandbox.orSame(stored.sandbox),
                initialized.orSame(stored.initialized),
                ready.orSame(stored.ready),
                starting,
                unready);
    }

    /**
     * The health of a running container of the pod when these times were stored; empty if unknown.
     */
    public Optional<ContainerHealth> health(String container) {
        if (starting.contains(container)) {
            return Optional.of(new ContainerHealth(false, false, Optional.empty()));
        }
        if (unready.contains(container)) {
            return Optional.of(new ContainerHealth(true, false, Optional.empty()));
        }
        return ready.status() ? Optional.of(ContainerHealth.WITHOUT_PROBES) : Optional.empty();
    }

    /** Whether a container is listed as starting or unready, which the runtime does not show. */
    boolean hasUnreadyContainers() {
        return !starting.isEmpty() || !unready.isEmpty();
    }

    /** The text form that is stored; see {@link #parse}. */
    String text() {
        return began + " " + text(sandbox) + " " + text(initialized) + " " + text(ready) + " " + text(starting) + " "
                + text(unready) + "\n";
    }

    private static String text(List<String> names) {
        return names.isEmpty() ? NONE : String.join(",", names);
    }

    private static String text(Transition mark) {
        return mark.status() + " " + mark.since();
    }

    /** Parses {@link #text}; empty if the text is malformed. */
    public static Optional<ConditionTimes> parse(String text) {
        String[] words = text.strip().split(" ");
        try {
            // Earlier versions wrote no names.
            return words.length != 9 && words.length != 7
                    ? Optional.empty()
                    : Optional.of(new ConditionTimes(
                            Instant.parse(words[0]),
                            mark(words, 1),
                            mark(words, 3),
                            mark(words, 5),
                            names(words, 7),
                            names(words, 8)));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    private static List<String> names(String[] words, int at) {
        return words.length <= at || words[at].equals(NONE) ? List.of() : List.of(words[at].split(","));
    }

    private static Transition mark(String[] words, int at) {
        return new Transition(Boolean.parseBoolean(words[at]), Instant.parse(words[at + 1]));
    }
}
