/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;
import java.util.List;

/**
 * The fields that refer to ConfigMaps, Secrets and fields of the pod itself. Apart from {@link
 * PodFields} so that the class is loaded only for manifests with such fields.
 */
public final class ReferenceFields {

    private static final String TOKEN =
            "a static pod cannot use %s: it must start without an API server. Keep the credential in a Secret beside the"
                    + " manifests, and project that";

    public static final FieldTable ENV_FROM =
            FieldTable.of("an item of envFrom").honoured("prefix", "configMapRef", "secretRef");

    public static final FieldTable ENV_CONFIG_MAP =
            FieldTable.of("configMapRef").honoured("name", "optional");

    public static final FieldTable ENV_SECRET = FieldTable.of("secretRef").honoured("name", "optional");

    public static final FieldTable CONFIG_MAP_KEY =
            FieldTable.of("configMapKeyRef").honoured("name", "key", "optional");

    public static final FieldTable SECRET_KEY = FieldTable.of("secretKeyRef").honoured("name", "key", "optional");

    public static final FieldTable CONFIG_MAP =
            FieldTable.of("a configMap volume").honoured("name", "items", "defaultMode", "optional");

    public static final FieldTable SECRET =
            FieldTable.of("a secret volume").honoured("secretName", "items", "defaultMode", "optional");

    public static final FieldTable DOWNWARD_API =
            FieldTable.of("a downwardAPI volume").honoured("items", "defaultMode");

    public static final FieldTable PROJECTED =
            FieldTable.of("a projected volume").honoured("sources", "defaultMode");

    public static final FieldTable SOURCE = FieldTable.of("a source of a projected volume")
            .honoured("configMap", "secret", "downwardAPI")
            .refused(String.format(TOKEN, "the token of a service account"), "serviceAccountToken")
            .refused(String.format(TOKEN, "a ClusterTrustBundle"), "clusterTrustBundle")
            .refused(String.format(TOKEN, "a PodCertificateRequest"), "podCertificate");

    public static final FieldTable SOURCE_CONFIG_MAP =
            FieldTable.of("configMap in a projected volume").honoured("name", "items", "optional");

    public static final FieldTable SOURCE_SECRET =
            FieldTable.of("secret in a projected volume").honoured("name", "items", "optional");

    public static final FieldTable SOURCE_DOWNWARD_API =
            FieldTable.of("downwardAPI in a projected volume").honoured("items");

    public static final FieldTable ITEM = FieldTable.of("an item").honoured("key", "path", "mode");

    public static final FieldTable FACT =
            FieldTable.of("an item of downwardAPI").honoured("path", "fieldRef", "resourceFieldRef", "mode");

    private ReferenceFields() {}

    static List<FieldTable> all() {
        return List.of(
                ENV_FROM,
                ENV_CONFIG_MAP,
                ENV_SECRET,
                CONFIG_MAP_KEY,
                SECRET_KEY,
                CONFIG_MAP,
                SECRET,
                DOWNWARD_API,
                PROJECTED,
                SOURCE,
                SOURCE_CONFIG_MAP,
                SOURCE_SECRET,
                SOURCE_DOWNWARD_API,
                ITEM,
                FACT);
    }
}
