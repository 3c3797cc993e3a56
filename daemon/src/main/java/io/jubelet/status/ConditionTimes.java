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
 * When the conditions of a pod last changed, where the runtime's facts cannot tell: a container that got ready by its probe,
 * a pod that was not ready before its second container failed, a start whose first sandbox is gone. And which containers
 * were not ready although they ran, which nobody else tells the next daemon. Pure.
 *
 * @param began when this version was first acted on
 * @param sandbox of PodReadyToStartContainers
 * @param initialized of Initialized
 * @param ready of Ready and ContainersReady
 * @param starting names of containers that run and have not started, as their startup probes say
 * @param unready names of containers that have started and are not ready
 */
public record ConditionTimes(
        Instant began, Mark sandbox, Mark initialized, Mark ready, List<String> starting, List<String> unready) {

    /** In place of no name at all. */
    private static final String NONE = "-";

    /** A status and since when it has been so; whole seconds, as the API has them. */
    public record Mark(boolean status, Instant since) {
        public Mark {
            since = since.truncatedTo(ChronoUnit.SECONDS);
        }

        /** What this becomes: the same, or the newer one, since {@code when}. */
        private Mark then(Mark newer, Optional<Instant> when) {
            return newer.status() == status ? this : new Mark(newer.status(), when.orElse(newer.since()));
        }

        private Mark or(Mark known) {
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

    /** Whether the facts of the runtime may not be enough to tell the times of a pod. */
    static boolean needed(PodView view) {
        Optional<Pod> shown = view.shown();
        return shown.isPresent()
                && (shown.get().spec().containers().size() > 1
                        || !shown.get().spec().initContainers().isEmpty()
                        || view.observed().sandboxes().size() > 1
                        || shown.get().spec().hasProbes());
    }

    /** Whether there is nothing yet to compare what was kept with: the runtime or a probe has not answered. */
    static boolean tooEarly(PodView view) {
        if (view.runtimeProblem().isPresent() || starting(view)) {
            return true;
        }
        for (ContainerSpec container : view.shown().orElseThrow().spec().containers()) {
            Optional<ObservedContainer> newest = view.observed().newest(PodReport.uid(view), container.name());
            boolean asked = !container.probes().any()
                    || newest.isEmpty()
                    || !(newest.get().state() instanceof ObservedContainer.State.Running)
                    || view.health().containsKey(newest.get().id());
            if (!asked) {
                return true;
            }
        }
        return false;
    }

    /** Whether the runtime has not told of the sandbox yet. */
    private static boolean starting(PodView view) {
        List<ObservedSandbox> sandboxes =
                view.observed().version(PodReport.uid(view)).sandboxes();
        return sandboxes.isEmpty()
                || (sandboxes.getFirst().ready()
                        && sandboxes.getFirst().ips().isEmpty()
                        && !view.shown().orElseThrow().spec().hostNetwork());
    }

    /**
     * The times after another view.
     *
     * @param facts what the runtime's facts make of that view
     */
    ConditionTimes then(ConditionTimes facts, PodView view) {
        boolean probed = view.shown().orElseThrow().spec().hasProbes();
        // Probes leave no facts behind; of anything else the runtime knows the time better than we do.
        Optional<Instant> seen = probed ? Optional.of(view.at()) : Optional.empty();
        return new ConditionTimes(
                began.isBefore(facts.began) ? began : facts.began,
                sandbox.then(facts.sandbox, Optional.empty()),
                initialized.then(facts.initialized, seen),
                ready.then(facts.ready, seen),
                facts.starting,
                facts.unready);
    }

    /** These, which are facts, with what was kept of the times before where nothing has changed since. */
    ConditionTimes or(ConditionTimes kept) {
        return new ConditionTimes(
                kept.began.isBefore(began) ? kept.began : began,
                sandbox.or(kept.sandbox),
                initialized.or(kept.initialized),
                ready.or(kept.ready),
                starting,
                unready);
    }

    /** What a container of the pod was when these were noted, if it ran; empty when that is not told. */
    public Optional<ContainerHealth> health(String container) {
        if (starting.contains(container)) {
            return Optional.of(new ContainerHealth(false, false, Optional.empty()));
        }
        if (unready.contains(container)) {
            return Optional.of(new ContainerHealth(true, false, Optional.empty()));
        }
        return ready.status() ? Optional.of(ContainerHealth.WITHOUT_PROBES) : Optional.empty();
    }

    /** Whether there is something in these that the facts of the runtime do not show, be they the same or not. */
    boolean beyondFacts() {
        return !starting.isEmpty() || !unready.isEmpty();
    }

    /** As text, to be kept. */
    String text() {
        return began + " " + text(sandbox) + " " + text(initialized) + " " + text(ready) + " " + text(starting) + " "
                + text(unready) + "\n";
    }

    private static String text(List<String> names) {
        return names.isEmpty() ? NONE : String.join(",", names);
    }

    private static String text(Mark mark) {
        return mark.status() + " " + mark.since();
    }

    /** Reads {@link #text}; empty when it is none. */
    public static Optional<ConditionTimes> parse(String text) {
        String[] words = text.strip().split(" ");
        try {
            // Without the names it was written before they were noted.
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

    private static Mark mark(String[] words, int at) {
        return new Mark(Boolean.parseBoolean(words[at]), Instant.parse(words[at + 1]));
    }
}
