import tseslint from 'typescript-eslint';

export default tseslint.config(tseslint.configs.strictTypeChecked, {
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    complexity: ['error', 10],
    'max-lines': ['error', 350],
    '@typescript-eslint/restrict-template-expressions': [
      'error',
      { allowNumber: true },
    ],
  },
});
