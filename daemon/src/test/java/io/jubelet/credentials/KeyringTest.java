/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.credentials.DockerConfig.Form;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyringTest {

    private static Keyring config(String json) throws DockerConfig.BadConfigException {
        return DockerConfig.parse(json.getBytes(StandardCharsets.UTF_8), Form.CONFIG_JSON, "test");
    }

    private static List<String> users(Keyring keyring, String image) {
        return keyring.lookup(image).stream().map(Credential::username).toList();
    }

    @Test
    void theMoreSpecificPathComesFirst() throws Exception {
        Keyring keyring = config("""
            {"auths": {
              "example.org": {"username": "host", "password": "p"},
              "example.org/team/app": {"username": "app", "password": "p"},
              "https://example.org/team": {"username": "team", "password": "p"},
              "*.org": {"username": "glob", "password": "p"}
            }}""");
        assertEquals(List.of("app", "team", "host", "glob"), users(keyring, "example.org/team/app"));
        assertEquals(List.of("host", "glob"), users(keyring, "example.org/other"));
    }

    @Test
    void dockersOwnRegistryHasAnotherName() throws Exception {
        Keyring keyring =
                config("{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"bWU6c2VjcmV0OndvcmQ=\"}}}");
        Credential found = keyring.lookup("docker.io/library/busybox").getFirst();
        assertEquals("me", found.username());
        assertEquals("secret:word", found.password());
        assertEquals(List.of(), users(keyring, "quay.io/library/busybox"));
    }

    @Test
    void readsTheOlderForm() throws Exception {
        Keyring keyring = DockerConfig.parse(
                "{\"example.org\": {\"username\": \"u\", \"password\": \"p\", \"email\": \"e\"}}"
                        .getBytes(StandardCharsets.UTF_8),
                Form.DOCKERCFG,
                "test");
        assertEquals(List.of("u"), users(keyring, "example.org/app"));
    }

    @Test
    void takesAnAuthAsToolsWriteIt() throws Exception {
        Keyring keyring = config("{\"auths\": {\"example.org\": {\"auth\": \"dTpw\\n\", \"username\": \"old\"}}}");
        assertEquals(List.of("u"), users(keyring, "example.org/app"));
    }

    @Test
    void saysWhatIsWrongWithoutASecret() {
        assertEquals("is not a JSON object", wrong("hunter2"));
        assertEquals("has auths that are not an object", wrong("{\"auths\": [\"hunter2\"]}"));
        assertEquals(
                "has an auth for a.io that is not base64", wrong("{\"auths\": {\"a.io\": {\"auth\": \"hunter2!\"}}}"));
        assertEquals(
                "has an auth for a.io that is not user:password in base64",
                wrong("{\"auths\": {\"a.io\": {\"auth\": \"aHVudGVyMg==\"}}}"));
    }

    private static String wrong(String json) {
        return assertThrows(DockerConfig.BadConfigException.class, () -> config(json))
                .getMessage();
    }

    @Test
    void showsNoSecret() throws Exception {
        Credential credential = config("{\"auths\": {\"a.io\": {\"username\": \"u\", \"password\": \"hunter2\"}}}")
                .lookup("a.io/app")
                .getFirst();
        assertEquals("credential from test", credential.toString());
        assertFalse(List.of(credential).toString().contains("hunter2"));
    }
}
