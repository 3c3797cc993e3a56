package io.jubelet.criconfig;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeService;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The addresses of a new sandbox, asked for on a thread of its own while its first container is being made. */
public final class SandboxAddresses {

    private final BackgroundTask asking;

    /** All three are published by the end of {@link #asking}. */
    private List<String> addresses = List.of();

    private Optional<Instant> createdAt = Optional.empty();

    private CriException failure;

    private SandboxAddresses(RuntimeService runtime, PodSandboxId sandbox, BackgroundTask.Starter beside) {
        this.asking = beside.start("addresses/" + sandbox.value(), () -> ask(runtime, sandbox));
    }

    public static SandboxAddresses ask(RuntimeService runtime, PodSandboxId sandbox, BackgroundTask.Starter beside) {
        return new SandboxAddresses(runtime, sandbox, beside);
    }

    private void ask(RuntimeService runtime, PodSandboxId sandbox) {
        try {
            PodSandboxStatus status = runtime.podSandboxStatus(sandbox);
            List<String> found = new ArrayList<>();
            if (status.network() != null && !status.network().ip().isEmpty()) {
                found.add(status.network().ip());
                status.network().additionalIps().forEach(further -> found.add(further.ip()));
            }
            addresses = List.copyOf(found);
            createdAt = Optional.ofNullable(status.createdAt());
        } catch (CriException.NotFound _) {
            addresses = List.of(); // it went away, as the start of the container will tell
        } catch (CriException e) {
            failure = e;
        }
    }

    /**
     * The addresses, the primary first; empty when it has none.
     *
     * @throws CriException the runtime could not tell
     */
    public List<String> await() {
        try {
            asking.awaitEnd();
        } catch (InterruptedException e) {
            asking.interrupt();
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(
                    "PodSandboxStatus", "interrupted while waiting for the pod's addresses", e);
        }
        if (failure != null) {
            throw failure;
        }
        return addresses;
    }

    /** When the sandbox was made, by the runtime's clock; to be asked after {@link #await}. */
    public Optional<Instant> createdAt() {
        return createdAt;
    }
}
