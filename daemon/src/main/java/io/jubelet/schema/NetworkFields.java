/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;

/**
 * The fields of DNS and host names. Apart from {@link PodFields} so that the class is loaded only
 * for manifests with such fields.
 */
public final class NetworkFields {

    public static final FieldTable DNS_CONFIG =
            FieldTable.of("dnsConfig").honoured("nameservers", "searches", "options");

    public static final FieldTable DNS_OPTION =
            FieldTable.of("an option of dnsConfig").honoured("name", "value");

    public static final FieldTable HOST_ALIAS = FieldTable.of("a host alias").honoured("ip", "hostnames");

    private NetworkFields() {}
}
