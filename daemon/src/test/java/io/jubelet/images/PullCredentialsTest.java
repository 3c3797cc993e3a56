/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Secret;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which credentials an image is pulled with, and which pods may use it afterwards. */
class PullCredentialsTest extends PulledImages {

    private static Secret secret(String name, String user, String password) {
        String content =
                "{\"auths\": {\"example.org\": {\"username\": \"" + user + "\", \"password\": \"" + password + "\"}}}";
        return new Secret(
                "default",
                name,
                "kubernetes.io/dockerconfigjson",
                false,
                Map.of(".dockerconfigjson", Bytes.of(content)));
    }

    private static LocalConfig holding(Secret... secrets) {
        Map<LocalConfig.Key, Secret> all = new HashMap<>();
        for (Secret secret : secrets) {
            all.put(new LocalConfig.Key(secret.namespace(), secret.name()), secret);
        }
        return new LocalConfig(Map.of(), all);
    }

    private static Pod naming(Pod pod, String... secrets) {
        return new Pod(
                pod.name(),
                pod.node(),
                pod.uid(),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec().toBuilder().imagePullSecrets(List.of(secrets)).build(),
                pod.manifest());
    }

    private void ensure(Pod pod) {
        puller.ensure(new EnsureImage(pod, IMAGE, ImagePullPolicy.Always, time.instant(), false, ""));
    }

    private ImageState state(Pod pod) {
        return puller.states(pod.name(), List.of(pod))
                .of(pod, pod.spec().containers().getFirst());
    }

    @Test
    void triesAllCredentialsAndThenNone() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().requireCredentials(IMAGE, "me", "hunter2");
        config = holding(secret("a", "you", "hunter1"), secret("b", "me", "hunter2"), secret("c", "they", "hunter3"));
        Pod pod = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a", "b", "c");
        ensure(pod);
        take();
        assertInstanceOf(ImageState.Present.class, state(pod));
        assertEquals(2, pulls.get());

        Pod wrong = naming(pod(OTHER, IMAGE, ImagePullPolicy.Always), "c", "a");
        ensure(wrong);
        take();
        assertEquals(5, pulls.get());
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, state(wrong));
        assertEquals(
                "pull access denied, repository does not exist or may require authorization (tried with credential from"
                        + " Secret default/c, credential from Secret default/a, and without)",
                failed.message());
    }

    private ImageState ensured(Pod pod, ImagePullPolicy policy) throws InterruptedException {
        int before = pulls.get();
        puller.ensure(new EnsureImage(pod, IMAGE, policy, time.instant(), false, ""));
        ImageState state = state(pod);
        if (state instanceof ImageState.Pulling) {
            for (; state instanceof ImageState.Pulling; state = state(pod)) {
                assertNotNull(take(), "a pull without an end"); // or a wake-up that was for an earlier one
            }
            assertTrue(pulls.get() > before);
        }
        return state;
    }

    @Test
    void whatASecretWasShownForIsNotThereForOthers() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().requireCredentials(IMAGE, "me", "hunter2");
        config = holding(secret("a", "me", "hunter2"), secret("same", "me", "hunter2"), secret("bad", "me", "hunter"));
        Pod mine = naming(pod(WEB, IMAGE, ImagePullPolicy.IfNotPresent), "a");
        assertInstanceOf(ImageState.Present.class, ensured(mine, ImagePullPolicy.IfNotPresent));
        assertEquals(1, pulls.get());

        Pod none = pod(OTHER, IMAGE, ImagePullPolicy.IfNotPresent);
        assertInstanceOf(ImageState.Failed.class, ensured(none, ImagePullPolicy.IfNotPresent));
        Pod wrong = naming(pod(new PodName("default", "wrong"), IMAGE, ImagePullPolicy.IfNotPresent), "bad");
        assertInstanceOf(ImageState.Failed.class, ensured(wrong, ImagePullPolicy.IfNotPresent));
        Pod never = pod(new PodName("default", "never"), IMAGE, ImagePullPolicy.Never);
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, ensured(never, ImagePullPolicy.Never));
        assertEquals(ImageError.ErrImageNeverPull, failed.reason());
        int tried = pulls.get();

        Pod same = naming(pod(new PodName("default", "same"), IMAGE, ImagePullPolicy.Never), "same");
        assertInstanceOf(ImageState.Present.class, ensured(same, ImagePullPolicy.Never));
        puller = puller(); // the daemon starts anew
        assertInstanceOf(ImageState.Present.class, ensured(same, ImagePullPolicy.Never));
        assertInstanceOf(ImageState.Failed.class, ensured(never, ImagePullPolicy.Never));
        assertEquals(tried, pulls.get());
    }

    @Test
    void anImageThatWasThereBeforeCostsOneQuestionAndNoFile() throws Exception {
        simulated.images().add(IMAGE);
        List<String> calls = new ArrayList<>();
        simulated.onCall(call -> {
            if (call.phase() == SimulatedCall.Phase.START) {
                calls.add(call.operation());
            }
        });
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        present(ImagePullPolicy.IfNotPresent);
        assertEquals(List.of("ImageStatus"), calls);
        try (var files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void podsWithOtherSecretsDoNotShareAPull() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().requireCredentials(IMAGE, "me", "hunter2");
        config = holding(secret("a", "me", "hunter2"));
        Pod mine = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a");
        Pod other = pod(OTHER, IMAGE, ImagePullPolicy.Always);
        var hanging = simulated.faults().hang("PullImage");
        ensure(mine);
        awaitPull();
        ensure(other);
        hanging.release();
        take();
        take();
        assertInstanceOf(ImageState.Present.class, state(mine));
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, state(other));
        assertTrue(
                failed.message().endsWith("(there is no credential for example.org/app on this node)"),
                failed.message());
    }

    @Test
    void aSecretThatAppearsIsTriedAtOnce() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().requireCredentials(IMAGE, "me", "hunter2");
        Pod pod = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a");
        ensure(pod);
        take();
        assertEquals(
                "Unable to retrieve some image pull secrets (a); attempting to pull the image may not succeed. Write a"
                        + " missing one to a file in the manifest directory with mode 0600, such as {apiVersion: v1, kind:"
                        + " Secret, metadata: {name: NAME, namespace: default}, type: kubernetes.io/dockerconfigjson,"
                        + " stringData: {.dockerconfigjson: '...'}}",
                events.all().getFirst().message());
        assertInstanceOf(ImageState.Failed.class, state(pod));
        config = holding(secret("a", "me", "hunter2"));
        assertInstanceOf(ImageState.Unknown.class, state(pod));
        ensure(pod);
        take();
        assertInstanceOf(ImageState.Present.class, state(pod));
    }
}
