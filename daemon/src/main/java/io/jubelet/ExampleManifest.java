package io.jubelet;

import io.jubelet.desired.ManifestFile;
import java.nio.charset.StandardCharsets;

/** A manifest that is nobody's and has what most have, to practise with. */
final class ExampleManifest {

    private static final byte[] EXAMPLE = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: example
              labels: {app: example}
            spec:
              containers:
              - name: main
                image: example.invalid/main:1
                command: ["sh", "-c", "sleep 1"]
                env:
                - {name: MODE, value: example}
                ports:
                - containerPort: 8080
                resources:
                  requests: {cpu: 10m, memory: 16Mi}
            """.getBytes(StandardCharsets.UTF_8);

    private ExampleManifest() {}

    static void read() {
        ManifestFile.parse(EXAMPLE, "/example.yaml", "example");
    }
}
