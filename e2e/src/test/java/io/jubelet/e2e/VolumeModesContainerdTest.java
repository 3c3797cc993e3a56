/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The modes, users and groups of everything that is made for the volumes of a pod, on real containerd. The tables are what a
 * kubelet of 1.36.3 made for the same manifest, but for the projected volume: the kubelet refuses those without an API server,
 * and makes them as it makes a downwardAPI volume.
 */
@OnContainerd
class VolumeModesContainerdTest {

    private DaemonProcess daemon;
    private Path host;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
        host = Files.createDirectory(daemon.home.resolve("host"));
        Path owned = Files.createDirectory(host.resolve("owned"));
        Files.setAttribute(owned, "unix:uid", 1000);
        Files.setAttribute(owned, "unix:gid", 1000);
        Files.setAttribute(owned, "unix:mode", 03775);
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void whatIsMadeHasTheModesThatTheKubeletGives() throws Exception {
        assertEquals("""
                /d 777 0 0
                /ds 777 0 0
                /m 1777 0 0
                /ms 1777 0 0
                /m/sub 1777 0 0
                /w 1777 0 0
                /w/..data/ 755 0 0
                /w/dir/ 755 0 0
                /w/dir/name 644 0 0
                /p 1777 0 0
                /p/..data/ 755 0 0
                /p/dir/ 755 0 0
                /p/dir/name 644 0 0
                /n 755 0 0
                /ns 755 0 0
                /f 644 0 0
                /u 755 0 0
                /o 3775 1000 1000
                /os 3775 0 1000
                /o/sub 3775 0 1000
                """, run(""));
    }

    @Test
    void whatIsMadeHasTheGroupOfThePodAsTheKubeletGivesIt() throws Exception {
        assertEquals("""
                /d 2777 0 4242
                /ds 2777 0 4242
                /m 3777 0 4242
                /ms 3777 0 4242
                /m/sub 3777 0 4242
                /w 3777 0 4242
                /w/..data/ 2755 0 4242
                /w/dir/ 2755 0 4242
                /w/dir/name 644 0 4242
                /p 3777 0 4242
                /p/..data/ 2755 0 4242
                /p/dir/ 2755 0 4242
                /p/dir/name 644 0 4242
                /n 755 0 0
                /ns 755 0 0
                /f 644 0 0
                /u 755 0 0
                /o 3775 1000 1000
                /os 3775 0 1000
                /o/sub 3775 0 1000
                """, run("fsGroup: 4242"));
    }

    private String run(String security) throws Exception {
        daemon.write("modes.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: modes}
                spec:
                  restartPolicy: Never
                  securityContext: {%s}
                  volumes:
                  - {name: vd, emptyDir: {}}
                  - {name: vm, emptyDir: {medium: Memory}}
                  - {name: vw, downwardAPI: {items: [{path: dir/name, fieldRef: {fieldPath: metadata.name}}]}}
                  - name: vp
                    projected:
                      sources: [{downwardAPI: {items: [{path: dir/name, fieldRef: {fieldPath: metadata.name}}]}}]
                  - {name: vn, hostPath: {path: %2$s/new, type: DirectoryOrCreate}}
                  - {name: vf, hostPath: {path: %2$s/file, type: FileOrCreate}}
                  - {name: vu, hostPath: {path: %2$s/untyped}}
                  - {name: vo, hostPath: {path: %2$s/owned}}
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [stat, -c, "%%n %%a %%u %%g"]
                    args: [/d, /ds, /m, /ms, /m/sub, /w, /w/..data/, /w/dir/, /w/dir/name, /p, /p/..data/, /p/dir/,
                           /p/dir/name, /n, /ns, /f, /u, /o, /os, /o/sub]
                    volumeMounts:
                    - {name: vd, mountPath: /d}
                    - {name: vd, mountPath: /ds, subPath: sub/dir}
                    - {name: vm, mountPath: /m}
                    - {name: vm, mountPath: /ms, subPath: sub/dir}
                    - {name: vw, mountPath: /w}
                    - {name: vp, mountPath: /p}
                    - {name: vn, mountPath: /n}
                    - {name: vn, mountPath: /ns, subPath: sub/dir}
                    - {name: vf, mountPath: /f}
                    - {name: vu, mountPath: /u}
                    - {name: vo, mountPath: /o}
                    - {name: vo, mountPath: /os, subPath: sub/dir}
                """.formatted(security, host));
        return Eventually.await(
                "the container to have said it all",
                () -> daemon.cliQuietly("logs", "modes"),
                log -> log.contains("/o/sub "));
    }
}
