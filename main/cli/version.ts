/** The version of this software; one place says it. */
import packageFile from '../../package.json' with { type: 'json' };

export const softwareVersion: string = packageFile.version;
