/**
 * Keys and certificates: read from PEM, made, kept on the disk, and put into TLS.
 *
 * <p>In come files and texts in PEM; out go types of {@code java.security}, requests for certificates, and contexts for
 * TLS. Everything runs on the caller's thread. BouncyCastle is loaded only where something is made, or a key is in one of
 * the forms that Java does not read; this package knows nothing of API servers. No text made here shows a key.
 */
package io.jubelet.certificate;
