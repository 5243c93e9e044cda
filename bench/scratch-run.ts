import { benchColdStart } from './scratch-500.ts'; import { printFigures } from './figure.ts'; printFigures(await benchColdStart());
